package io.dbbackup.rest.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.batch.launch.JobLauncher;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.rest.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Starts jobs. */
@Path("/jobs")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "runs")
public class JobsResource {
    private static final int LONGEST_KEY = 200;

    private JobLauncher launcher;
    private RunBodies bodies;
    private RunWatch watch;

    public JobsResource() {}

    @Inject
    public JobsResource(JobLauncher launcher, RunBodies bodies, RunWatch watch) {
        this.launcher = launcher;
        this.bodies = bodies;
        this.watch = watch;
    }

    @POST
    @Path("/{job}/runs")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Start a run of backup, verify, restore, retention or copy",
            description = "202 with Location. The same Idempotency-Key with the same parameters yields the same run;"
                    + " with others 422. wait=60s answers when the run has ended, or after that time.")
    public CompletionStage<Response> start(
            @PathParam("job") String job,
            @QueryParam("wait") String wait,
            @HeaderParam("Idempotency-Key") String key,
            @HeaderParam(HttpHeaders.USER_AGENT) String agent,
            JsonNode body,
            @Context SecurityContext security) {
        io.dbbackup.model.Operation operation = Arrays.stream(io.dbbackup.model.Operation.values())
                .filter(o -> o.jobName().equals(job))
                .findFirst()
                .orElseThrow(NotFoundException::new);
        Duration atMost = Wait.parse(wait);
        Map<String, String> parameters = StartRequest.parameters(body);
        Permission.check(security, operation, parameters);
        RunView run = launcher.start(
                operation,
                parameters,
                security.getUserPrincipal().getName(),
                agent != null && agent.startsWith("dbbackup-cli") ? "cli" : "rest",
                idempotencyKey(key));
        return watch.await(run, now -> now.state().ended(), atMost).thenApply(now -> accepted(now, bodies));
    }

    static Response accepted(RunView run, RunBodies bodies) {
        Response.ResponseBuilder answer = Response.accepted(bodies.full(run))
                .header(HttpHeaders.LOCATION, URI.create(RunBodies.path(run.id())));
        return run.state().ended() ? answer.build() : answer.header(HttpHeaders.RETRY_AFTER, 1).build();
    }

    private static Optional<String> idempotencyKey(String key) {
        Optional<String> given = Optional.ofNullable(key).map(String::strip).filter(k -> !k.isEmpty());
        if (given.filter(k -> k.length() > LONGEST_KEY).isPresent()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "the Idempotency-Key has more than " + LONGEST_KEY + " characters",
                    "Use a shorter key, for example the id that the scheduler gave this run.");
        }
        return given;
    }
}
