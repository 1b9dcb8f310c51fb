package io.dbbackup.rest.run;

import io.dbbackup.batch.launch.JobLauncher;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.RunState;
import io.dbbackup.rest.Page;
import io.dbbackup.rest.Query;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.restore.RunDiscard;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Looks at runs, stops and restarts them. */
@Path("/runs")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "runs")
public class RunsResource {
    private JobLauncher launcher;
    private Runs runs;
    private WorkQueue queue;
    private RunBodies bodies;
    private RunWatch watch;
    private RunDiscard discarding;

    public RunsResource() {}

    @Inject
    public RunsResource(
            JobLauncher launcher, Runs runs, WorkQueue queue, RunBodies bodies, RunWatch watch, RunDiscard discarding) {
        this.launcher = launcher;
        this.runs = runs;
        this.queue = queue;
        this.bodies = bodies;
        this.watch = watch;
        this.discarding = discarding;
    }

    @GET
    @Operation(summary = "List runs, newest first")
    public Response list(
            @QueryParam("operation") String operation,
            @QueryParam("state") List<String> states,
            @QueryParam("after") String after,
            @DefaultValue("50") @QueryParam("limit") String limit,
            @Context UriInfo uri) {
        int size = Page.limit(limit);
        List<RunView> found = runs.list(
                Query.text(operation).map(io.dbbackup.model.Operation::ofJob),
                states.stream().map(state -> Query.value("state", RunState.class, state)).toList(),
                Query.text(after).map(RunsResource::id),
                size + 1);
        return Page.response(found.stream().map(bodies::brief).toList(), size, body -> body.id().toString(), uri);
    }

    @GET
    @Path("/{id}")
    @Operation(
            summary = "Everything about a run",
            description = "wait=60s answers as soon as the run changes its state, or after that time.")
    public CompletionStage<RunBody> get(@PathParam("id") String id, @QueryParam("wait") String wait) {
        RunView run = runs.get(id(id));
        return watch.await(run, now -> now.state().ended() || now.state() != run.state(), Wait.parse(wait))
                .thenApply(bodies::full);
    }

    @GET
    @Path("/{id}/items")
    @Operation(summary = "The work items of a run")
    public Response items(
            @PathParam("id") String id,
            @QueryParam("state") String state,
            @DefaultValue("0") @QueryParam("after") String after,
            @DefaultValue("50") @QueryParam("limit") String limit,
            @Context UriInfo uri) {
        int size = Page.limit(limit);
        List<ItemView> found = queue.list(
                runs.get(id(id)).id(),
                Query.text(state).map(s -> Query.value("state", ItemState.class, s)),
                Query.number("after", after, 0, Long.MAX_VALUE),
                size + 1);
        return Page.response(found, size, item -> Long.toString(item.id()), uri);
    }

    @POST
    @Path("/{id}/stop")
    @RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
    @Operation(summary = "Stop a run; it can be restarted", description = "wait=10s answers when it has ended.")
    public CompletionStage<Response> stop(@PathParam("id") String id, @QueryParam("wait") String wait) {
        RunView run = launcher.stop(id(id));
        return watch.await(run, now -> now.state().ended(), Wait.parse(wait))
                .thenApply(now -> JobsResource.accepted(now, bodies));
    }

    @POST
    @Path("/{id}/restart")
    @RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
    @Operation(summary = "Continue a run with what is left", description = "wait=60s answers when it has ended.")
    public CompletionStage<Response> restart(
            @PathParam("id") String id, @QueryParam("wait") String wait, @Context SecurityContext security) {
        RunView before = runs.get(id(id));
        Permission.check(security, before.operation(), before.parameters());
        RunView run = launcher.restart(before.id(), security.getUserPrincipal().getName());
        return watch.await(run, now -> now.state().ended(), Wait.parse(wait))
                .thenApply(now -> JobsResource.accepted(now, bodies));
    }

    @POST
    @Path("/{id}/discard")
    @RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
    @Operation(
            summary = "Give up a run that has not ended well",
            description = "It waits for nobody any more and needs no backup set. The unfinished databases of a restore are"
                    + " dropped, finished ones stay, suspended triggers are created again. A restart is possible and begins the others anew.")
    public DiscardBody discard(@PathParam("id") String id) {
        UUID run = id(id);
        RunDiscard.GivenUp givenUp = discarding.discard(run);
        return new DiscardBody(run, givenUp.databases(), givenUp.triggers(), givenUp.notes());
    }

    /**
     * @param dropped names of databases on the target
     * @param triggers those that the restore had suspended and that exist again
     * @param notes what was done and what is left, in words; the run keeps it among its warnings
     */
    public record DiscardBody(UUID run, List<String> dropped, List<String> triggers, List<String> notes) {}

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_RUN,
                    "\"" + text + "\" is not the id of a run",
                    "List the runs and use one of their ids.",
                    e);
        }
    }
}
