package io.dbbackup.rest.status;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.rest.Roles;
import io.dbbackup.rest.run.RunBodies;
import io.dbbackup.service.Product;
import io.dbbackup.service.run.Node;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The state of everything at a glance. */
@Path("/status")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "status")
public class StatusResource {
    private static final int FAILED_SHOWN = 10;

    private Configuration configuration;
    private BackupSets sets;
    private Runs runs;
    private RunBodies bodies;
    private Node node;
    private Clock clock;

    public StatusResource() {}

    @Inject
    public StatusResource(
            Configuration configuration, BackupSets sets, Runs runs, RunBodies bodies, Node node, Clock clock) {
        this.configuration = configuration;
        this.sets = sets;
        this.runs = runs;
        this.bodies = bodies;
        this.node = node;
        this.clock = clock;
    }

    @GET
    @Operation(summary = "Active runs, runs that wait for somebody, and the latest backup of every source")
    public StatusBody get() {
        Instant now = clock.instant();
        return new StatusBody(
                Product.NAME_AND_VERSION,
                node.name(),
                now,
                runs.active().stream().map(bodies::full).toList(),
                runs.waiting(FAILED_SHOWN).stream().map(bodies::brief).toList(),
                configuration.sources().stream().map(source -> status(source, now)).toList());
    }

    private StatusBody.SourceStatus status(SourceConfig source, Instant now) {
        Optional<BackupSetView> latest = sets.latest(source.name(), Optional.empty());
        return new StatusBody.SourceStatus(
                source.name(),
                source.engine(),
                latest,
                latest.map(set -> Duration.between(set.takenAt(), now).toSeconds()));
    }
}
