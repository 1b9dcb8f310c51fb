package io.dbbackup.rest.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.rest.Roles;
import io.dbbackup.rest.run.StartRequest;
import io.dbbackup.service.imports.CatalogImport;
import io.dbbackup.service.imports.ImportReport;
import io.dbbackup.service.imports.ImportRequest;
import io.dbbackup.service.run.Parameters;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.util.Set;
import java.util.logging.Logger;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Fills the catalog from a store. */
@Path("/catalog/imports")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "sets")
public class ImportResource {
    private static final Set<String> KNOWN = Set.of("from", "as", "source", "set", "policy", "dryRun");
    private static final Logger LOG = Logger.getLogger(ImportResource.class.getName());

    private CatalogImport catalog;

    public ImportResource() {}

    @Inject
    public ImportResource(CatalogImport catalog) {
        this.catalog = catalog;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Enter the backup sets of a store that the catalog does not know",
            description = "Reads every manifest; changes nothing that is known and nothing in the store. from is the name of a"
                    + " store, or a URL (administrators only), whose store is then registered. dryRun only says what would be"
                    + " done.")
    public ImportReport run(JsonNode body, @Context SecurityContext user) {
        Parameters given = new Parameters(StartRequest.plain(body)).onlyKnown(KNOWN);
        String from = given.required("from");
        if (from.contains("://") && !user.isUserInRole(Roles.ADMIN)) {
            // it makes the server send the secrets that it names to wherever it points
            throw new BackupException(
                    ErrorCode.FORBIDDEN,
                    "only an administrator may name a store by its URL",
                    "Give the name of a configured store, or ask an administrator.");
        }
        ImportReport report = catalog.run(new ImportRequest(
                from, given.text("as"), given.text("source"), given.text("set"), given.text("policy"),
                given.flag("dryRun", false)));
        LOG.info(() -> user.getUserPrincipal().getName() + " imported from store " + report.store()
                + (report.registered() ? " (now registered)" : "") + (report.dryRun() ? " (dry run)" : "") + ": "
                + report.imported() + " of " + report.found() + " sets imported, " + report.refused() + " refused");
        return report;
    }
}
