package io.dbbackup.rest.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpStatusTest {
    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void every_code_has_an_error_status(ErrorCode code) {
        assertThat(HttpStatus.of(code, true)).isBetween(400, 599);
        assertThat(HttpStatus.of(code, false)).isBetween(400, 599);
    }

    @Test
    void what_a_parameter_names_is_not_the_same_as_what_a_path_names() {
        assertThat(HttpStatus.of(ErrorCode.UNKNOWN_SOURCE, true)).isEqualTo(404);
        assertThat(HttpStatus.of(ErrorCode.UNKNOWN_SOURCE, false)).isEqualTo(422);
    }

    @Test
    void a_problem_says_type_title_and_detail_in_words() {
        ProblemBody body = ProblemBody.of(503, new Problem(ErrorCode.STORE_FULL, "it is full.", "Free some."), "/x");
        assertThat(body.type()).isEqualTo("urn:dbbackup:problem:store-full");
        assertThat(body.title()).isEqualTo("Store full");
        assertThat(body.detail()).isEqualTo("it is full. Free some.");
        assertThat(body.exitCode()).isEqualTo(74);
    }
}
