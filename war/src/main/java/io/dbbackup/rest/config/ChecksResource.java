package io.dbbackup.rest.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.Problem;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.backup.SourceCheck;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreCapabilities;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tries what the configuration names; what does not work is answered as a problem. */
@Path("/")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "configuration")
public class ChecksResource {
    private Access access;
    private SourceCheck sources;

    public ChecksResource() {}

    @Inject
    public ChecksResource(Access access, SourceCheck sources) {
        this.access = access;
        this.sources = sources;
    }

    @GET
    @Path("sources/{name}/check")
    @Operation(
            summary = "Connect to a source, ask what it is, and whether backups of it may begin",
            description = "Looks, for each of its policies, for all that a backup looks for before it begins, the account's privileges"
                    + " among it. What would be refused is in backups, not in the status of the answer.")
    public SourceBody source(@PathParam("name") String name) {
        Endpoint endpoint = access.endpoint(name);
        ServerFacts server = access.engine(endpoint.engine()).describe(endpoint);
        return new SourceBody(
                endpoint.name(), endpoint.toString(), server,
                sources.outlooks(name).stream().map(BackupBody::of).toList());
    }

    @GET
    @Path("stores/{name}/check")
    @Operation(summary = "Write, read and delete a small blob in a store")
    public StoreCheck store(@PathParam("name") String name) {
        try (BlobStore store = access.store(name)) {
            store.probe();
            OptionalLong free = store.freeBytes();
            return new StoreCheck(
                    name, store.capabilities(), free.isPresent() ? Optional.of(free.getAsLong()) : Optional.empty());
        }
    }

    /** A source that answered. */
    public record SourceBody(String name, String endpoint, ServerFacts server, List<BackupBody> backups) {}

    /**
     * What a backup would meet.
     *
     * @param policy whose backup; absent for one of everything, of a source without policies
     * @param problem why it would be refused; absent when it may begin
     * @param exitCode exit status of the command line for that problem
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record BackupBody(
            Optional<String> policy, Optional<Problem> problem, Optional<Integer> exitCode, List<String> warnings) {
        static BackupBody of(SourceCheck.Outlook outlook) {
            return new BackupBody(
                    outlook.policy(), outlook.problem(), outlook.problem().map(problem -> problem.code().exitCode()),
                    outlook.warnings());
        }
    }

    /** A store that works. */
    public record StoreCheck(String name, StoreCapabilities capabilities, Optional<Long> freeBytes) {}
}
