package io.dbbackup.rest.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.service.config.ConfigError;
import java.util.List;
import java.util.Optional;

/**
 * A problem as RFC 9457 has it, with what the product adds.
 *
 * @param type stable URI of the kind of problem; made from the code
 * @param title the code in words
 * @param status HTTP status
 * @param detail cause and remedy
 * @param instance path of the request
 * @param code stable code; scripts may match on it
 * @param exitCode exit status of the command line for this problem
 * @param errorId names the entry in the server's log; only for unexpected errors
 * @param errors every error of a configuration file with its place
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ProblemBody(
        String type,
        String title,
        int status,
        String detail,
        String instance,
        ErrorCode code,
        String cause,
        String remedy,
        int exitCode,
        Optional<String> errorId,
        List<ConfigError> errors) {
    public static final String MEDIA_TYPE = "application/problem+json";

    static ProblemBody of(int status, Problem problem, String instance) {
        return of(status, problem, instance, Optional.empty(), List.of());
    }

    static ProblemBody of(
            int status, Problem problem, String instance, Optional<String> errorId, List<ConfigError> errors) {
        String words = problem.code().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return new ProblemBody(
                "urn:dbbackup:problem:" + words.replace(' ', '-'),
                Character.toUpperCase(words.charAt(0)) + words.substring(1),
                status,
                problem.cause().replaceFirst("[.]$", "") + ". " + problem.remedy(),
                instance,
                problem.code(),
                problem.cause(),
                problem.remedy(),
                problem.code().exitCode(),
                errorId,
                errors);
    }
}
