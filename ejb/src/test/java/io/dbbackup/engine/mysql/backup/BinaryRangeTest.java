package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinaryRangeTest {
    @ParameterizedTest
    @CsvSource({"1, 40000, 0, 65536", "5, 5, 5, 6", "-5, 3, -8, 8", "-5, -3, -8, 0", "-1, 0, -1, 1",
        "0, 18446744073709551615, 0, 18446744073709551616", "1000, 1001, 1000, 1002"})
    void holds_both_ends_and_comes_from_halving(String lowest, String highest, String from, String end) {
        assertThat(PartPlanner.binary(new BigInteger(lowest), new BigInteger(highest)))
                .containsExactly(new BigInteger(from), new BigInteger(end));
    }

    @Test
    void of_what_has_grown_is_one_that_the_old_range_is_a_half_of_a_half_of() {
        assertThat(PartPlanner.binary(BigInteger.ONE, BigInteger.valueOf(200_000)))
                .containsExactly(BigInteger.ZERO, BigInteger.valueOf(65536).shiftLeft(2));
    }
}
