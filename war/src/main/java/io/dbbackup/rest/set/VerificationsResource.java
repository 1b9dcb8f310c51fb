package io.dbbackup.rest.set;

import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.rest.Page;
import io.dbbackup.rest.Query;
import io.dbbackup.rest.RestApplication;
import io.dbbackup.rest.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Looks at verifications, by their own id or by the id of their run. */
@Path("/verifications")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "sets")
public class VerificationsResource {
    private Verifications verifications;

    public VerificationsResource() {}

    @Inject
    public VerificationsResource(Verifications verifications) {
        this.verifications = verifications;
    }

    @GET
    @Path("/{id}")
    @Operation(
            summary = "A verification with what it found, failures first",
            description = "id is that of the verification or of its run; after is the number of findings to skip.")
    public VerificationBody get(
            @PathParam("id") String id,
            @QueryParam("passed") String passed,
            @DefaultValue("0") @QueryParam("after") String after,
            @DefaultValue("50") @QueryParam("limit") String limit) {
        VerificationView found = find(id);
        int size = Page.limit(limit);
        int skip = (int) Query.number("after", after, 0, Integer.MAX_VALUE - Page.LARGEST);
        Optional<Boolean> only = Query.text(passed).map(text -> Query.flag("passed", text));
        List<Finding> findings = verifications.findings(found.id(), only, skip, size + 1);
        boolean more = findings.size() > size;
        String next = RestApplication.PATH + "/verifications/" + id + "?after=" + (skip + size) + "&limit=" + size
                + only.map(flag -> "&passed=" + flag).orElse("");
        return VerificationBody.of(
                found,
                Optional.of(more ? findings.subList(0, size) : findings),
                more ? Optional.of(next) : Optional.empty());
    }

    private VerificationView find(String id) {
        return uuid(id)
                .flatMap(uuid -> verifications.find(uuid).or(() -> verifications.ofRun(uuid)))
                .orElseThrow(() -> new BackupException(
                        ErrorCode.UNKNOWN_VERIFICATION,
                        "there is no finished verification \"" + id + "\"",
                        "Give the id of a verification, or of a verify run that has ended."));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
