package io.dbbackup.rest.key;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.access.KeyRing.KeyState;
import io.dbbackup.service.set.KeyRotation;
import io.dbbackup.spi.BlobStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Clock;
import java.util.List;
import java.util.logging.Logger;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Looks at keys and lets other recipients open sets. */
@Path("/keys")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "keys")
public class KeysResource {
    private static final Logger LOG = Logger.getLogger(KeysResource.class.getName());

    private Access access;
    private BackupSets sets;
    private Clock clock;

    public KeysResource() {}

    @Inject
    public KeysResource(Access access, BackupSets sets, Clock clock) {
        this.access = access;
        this.sets = sets;
        this.clock = clock;
    }

    @GET
    @RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
    @Operation(summary = "The configured keys: names, types, fingerprints and whether they can be used; never a key")
    public List<KeyState> list() {
        return access.keys().states();
    }

    @POST
    @Path("/rotations")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Wrap the keys of a backup set for other recipients",
            description = "Writes new key documents beside the manifest, in every copy; no blob is encrypted again.")
    public Rotated rotate(Rotation rotation, @Context SecurityContext security) {
        if (rotation == null || rotation.set() == null || rotation.recipients() == null || rotation.recipients().isEmpty()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "a rotation needs a set and recipients",
                    "Give {\"set\": \"ID or latest:SOURCE\", \"recipients\": [\"NAME OF A KEY\"]}.");
        }
        BackupSetView set = sets.get(rotation.set());
        List<String> documents = sets.copies(set.id()).stream()
                .filter(copy -> copy.state() == BackupSetView.State.SEALED)
                .flatMap(copy -> rotate(copy, rotation.recipients()).stream())
                .distinct()
                .toList();
        if (!documents.isEmpty()) {
            sets.openedBy(set.id(), rotation.recipients());
        }
        LOG.info(() -> security.getUserPrincipal().getName() + " wrapped the keys of " + set.id() + " for "
                + rotation.recipients() + ": " + documents);
        return new Rotated(set.id(), rotation.recipients(), documents);
    }

    private List<String> rotate(BackupSetView copy, List<String> recipients) {
        try (BlobStore store = access.store(copy.store())) {
            return KeyRotation.rotate(
                            store, copy.prefix(), access.keys().atHand(), access.keys().recipients(recipients),
                            clock.instant())
                    .stream()
                    .map(KeyDocument::blobName)
                    .toList();
        }
    }

    /** What to do: a set, and the names of the keys that shall open it. */
    public record Rotation(String set, List<String> recipients) {}

    /** What was written; no documents for a set that is not encrypted. */
    public record Rotated(String set, List<String> recipients, List<String> documents) {}
}
