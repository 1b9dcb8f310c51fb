package io.dbbackup.rest.problem;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.service.config.InvalidConfigurationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Turns exceptions into responses. */
public final class ProblemResponses {
    private static final Logger LOG = Logger.getLogger(ProblemResponses.class.getName());

    private ProblemResponses() {}

    /**
     * The response for anything thrown by a service.
     *
     * @param lookup see {@link HttpStatus#of}
     */
    public static Response of(Throwable thrown, String instance, boolean lookup) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof InvalidConfigurationException invalid) {
                return response(ProblemBody.of(422, invalid.problem(), instance, Optional.empty(), invalid.errors()));
            }
            if (t instanceof BackupException known && known.code() != ErrorCode.INTERNAL) {
                return response(ProblemBody.of(HttpStatus.of(known.code(), lookup), known.problem(), instance));
            }
        }
        return unexpected(thrown, instance);
    }

    private static Response unexpected(Throwable thrown, String instance) {
        String id = UUID.randomUUID().toString();
        LOG.log(Level.SEVERE, thrown, () -> "error " + id + " at " + instance);
        Problem problem = new Problem(
                ErrorCode.INTERNAL,
                "unexpected error " + id,
                "This is a defect; please report it with the entries of the server log that name this id.");
        return response(ProblemBody.of(500, problem, instance, Optional.of(id), List.of()));
    }

    /** The response for a problem of HTTP itself. */
    public static ProblemBody http(int status, String instance) {
        Problem problem = switch (status) {
            case 401 -> new Problem(
                    ErrorCode.UNAUTHENTICATED,
                    "the request has no valid credentials",
                    "Give name and password of a user of the server.");
            case 403 -> new Problem(
                    ErrorCode.FORBIDDEN,
                    "your role does not allow this",
                    "Ask an administrator for the role operator or admin.");
            case 404 -> new Problem(
                    ErrorCode.INVALID_REQUEST, "there is nothing at " + instance, "Look at /openapi for the paths.");
            case 405 -> new Problem(
                    ErrorCode.INVALID_REQUEST, "this method is not allowed here", "Look at the header Allow.");
            case 406 -> new Problem(
                    ErrorCode.INVALID_REQUEST,
                    "what the header Accept asks for cannot be given",
                    "Accept application/json and application/problem+json.");
            case 415 -> new Problem(
                    ErrorCode.INVALID_REQUEST,
                    "the body's media type is not supported here",
                    "Send application/json, or application/yaml for the configuration.");
            default -> new Problem(
                    status >= 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST,
                    "the request was answered with HTTP status " + status,
                    status >= 500 ? "Look into the server's log." : "Look at /openapi for what is expected.");
        };
        return ProblemBody.of(status, problem, instance);
    }

    static Response response(ProblemBody body) {
        return Response.status(body.status()).type(ProblemBody.MEDIA_TYPE).entity(body).build();
    }
}
