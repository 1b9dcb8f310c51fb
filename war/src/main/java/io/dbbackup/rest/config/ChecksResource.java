package io.dbbackup.rest.config;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.access.Access;
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

    public ChecksResource() {}

    @Inject
    public ChecksResource(Access access) {
        this.access = access;
    }

    @GET
    @Path("sources/{name}/check")
    @Operation(summary = "Connect to a source and ask what it is")
    public SourceCheck source(@PathParam("name") String name) {
        Endpoint endpoint = access.endpoint(name);
        return new SourceCheck(
                endpoint.name(), endpoint.toString(), access.engine(endpoint.engine()).describe(endpoint));
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
    public record SourceCheck(String name, String endpoint, ServerFacts server) {}

    /** A store that works. */
    public record StoreCheck(String name, StoreCapabilities capabilities, Optional<Long> freeBytes) {}
}
