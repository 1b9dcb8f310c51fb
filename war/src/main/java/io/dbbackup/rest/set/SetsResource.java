package io.dbbackup.rest.set;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.rest.Page;
import io.dbbackup.rest.Query;
import io.dbbackup.rest.RestApplication;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.spi.BlobStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Looks at backup sets. */
@Path("/sets")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "sets")
public class SetsResource {
    private BackupSets sets;
    private Verifications verifications;
    private Configuration configuration;
    private Access access;

    public SetsResource() {}

    @Inject
    public SetsResource(BackupSets sets, Verifications verifications, Configuration configuration, Access access) {
        this.sets = sets;
        this.verifications = verifications;
        this.configuration = configuration;
        this.access = access;
    }

    @GET
    @Operation(
            summary = "List sealed backup sets, newest first",
            description = "Each once, as its best copy; with store those that have a copy there, as that copy.")
    public Response list(
            @QueryParam("source") String source,
            @QueryParam("store") String store,
            @QueryParam("after") String after,
            @DefaultValue("50") @QueryParam("limit") String limit,
            @Context UriInfo uri) {
        int size = Page.limit(limit);
        List<BackupSetView> found = sets.list(Query.text(source), Query.text(store), Query.text(after), size + 1);
        return Page.response(found, size, BackupSetView::id, uri);
    }

    @GET
    @Path("/{id}")
    @Operation(
            summary = "A backup set by its id, or latest:<source>",
            description = "Reads the manifest in the store: that of the best copy, or the one named by store.")
    public SetBody get(@PathParam("id") String id, @QueryParam("store") String storeName) {
        BackupSetView set = sets.get(id, Query.text(storeName));
        try (BlobStore store = access.store(set.store())) {
            Optional<String> sha256 = Optional.of(set.manifestSha256());
            ManifestFile file = BlobSetReader.file(store, set.prefix(), sha256);
            try {
                BackupManifest manifest =
                        BlobSetReader.open(store, set.prefix(), sha256, access.keys().atHand()).manifest();
                return body(set, file, manifest);
            } catch (BackupException e) {
                if (e.code() != ErrorCode.KEY_MISSING && e.code() != ErrorCode.KEY_WRONG) {
                    throw e;
                }
                return SetBody.locked(
                        set, copies(set), location(set), file.header(), e.problem(), WithoutUs.encrypted(location(set)), links(set));
            }
        }
    }

    @GET
    @Path("/{id}/verifications")
    @Operation(summary = "Verifications of a backup set, newest first; they outlive the set")
    public Page<VerificationBody> verifications(
            @PathParam("id") String id, @DefaultValue("50") @QueryParam("limit") String limit) {
        int size = Page.limit(limit);
        String set = id.startsWith("latest:") ? sets.get(id).id() : id;
        List<VerificationView> found = verifications.ofSet(set, size);
        return new Page<>(found.stream().map(VerificationBody::brief).toList(), Optional.empty());
    }

    private SetBody body(BackupSetView set, ManifestFile file, BackupManifest manifest) {
        String location = location(set);
        return new SetBody(
                set,
                copies(set),
                location,
                manifest.product(),
                Optional.of(manifest.server()),
                manifest.consistency(),
                manifest.globals().map(g -> g.name()),
                manifest.databases(),
                manifest.missing(),
                Optional.of(manifest.missing().size()),
                SetBody.globalsMissing(file.header(), manifest.globalsMissing()),
                manifest.selection(),
                SetBody.recipients(file.header()),
                Optional.empty(),
                file.encrypted() ? WithoutUs.encrypted(location) : WithoutUs.of(manifest, access.engine(set.engine()), location),
                links(set));
    }

    private List<SetBody.Copy> copies(BackupSetView set) {
        return sets.copies(set.id()).stream().map(SetBody.Copy::of).toList();
    }

    private String location(BackupSetView set) {
        StoreConfig store = configuration.store(set.store());
        return Optional.ofNullable(store.settings().get("path")).map(path -> path + "/").orElse(store.name() + ":")
                + set.prefix();
    }

    private static Map<String, String> links(BackupSetView set) {
        String self = RestApplication.PATH + "/sets/" + set.id();
        return new TreeMap<>(Map.of(
                "self", self,
                "verifications", self + "/verifications",
                "run", RestApplication.PATH + "/runs/" + set.run()));
    }
}
