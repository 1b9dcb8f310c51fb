package io.dbbackup.rest.config;

import io.dbbackup.rest.Query;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.config.ApplyResult;
import io.dbbackup.service.config.ConfigService;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.logging.Logger;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Applies the configuration file and gives it back. */
@Path("/config")
@ApplicationScoped
@Tag(name = "configuration")
public class ConfigResource {
    private static final String YAML = "application/yaml";
    private static final Logger LOG = Logger.getLogger(ConfigResource.class.getName());

    private ConfigService config;

    public ConfigResource() {}

    @Inject
    public ConfigResource(ConfigService config) {
        this.config = config;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
    @Operation(summary = "What is configured; references to secrets, never secrets")
    public Map<String, Object> get() {
        return config.tree();
    }

    @GET
    @Produces(YAML + ";qs=0.5")
    @RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
    public String getYaml() {
        return config.yaml();
    }

    @PUT
    @Consumes({YAML, "application/x-yaml", "text/yaml"})
    @Produces(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Apply a configuration file: all of it or nothing",
            description = "422 lists every error with line and column. dryRun=true only says what would change.")
    public ApplyResult put(
            byte[] yaml, @QueryParam("dryRun") String dryRunText, @Context SecurityContext security) {
        boolean dryRun = Query.flag("dryRun", dryRunText);
        ApplyResult result = config.apply(new String(yaml, StandardCharsets.UTF_8), dryRun);
        if (!dryRun) {
            LOG.info(() -> security.getUserPrincipal().getName() + " applied a configuration: " + result.changes());
        }
        return result;
    }
}
