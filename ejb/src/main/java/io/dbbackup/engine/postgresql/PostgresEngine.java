package io.dbbackup.engine.postgresql;

import io.dbbackup.engine.postgresql.backup.PgLogicalBackup;
import io.dbbackup.engine.postgresql.backup.ServerCatalog;
import io.dbbackup.engine.postgresql.restore.PgLogicalRestore;
import io.dbbackup.engine.postgresql.sandbox.PostgresSandbox;
import io.dbbackup.engine.postgresql.sliced.SlicedRow;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.LogicalRestore;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PostgreSQL 13 to 18. */
@ApplicationScoped
public class PostgresEngine implements DatabaseEngine {
    private final LogicalBackup backup = new PgLogicalBackup();
    private final LogicalRestore restore = new PgLogicalRestore();

    @Override
    public String type() {
        return "postgresql";
    }

    @Override
    public int defaultPort() {
        return 5432;
    }

    @Override
    public String defaultDatabase() {
        return "postgres";
    }

    @Override
    public void validate(Map<String, String> options) {
        PgOptions.validate(options);
    }

    @Override
    public ServerFacts describe(Endpoint endpoint) {
        ServerFacts server = ServerCatalog.describe(endpoint);
        PgTools.find(endpoint, server.major());
        return server;
    }

    /** A backup has a session that holds a snapshot, and one that reads; a restore one for the server, and one for a database. */
    @Override
    public int connections(int workers) {
        return 2 * workers;
    }

    @Override
    public LogicalBackup logicalBackup() {
        return backup;
    }

    @Override
    public LogicalRestore logicalRestore() {
        return restore;
    }

    @Override
    public RowScanner rowScanner(String format) {
        if (SlicedRow.isFormat(format)) {
            return SlicedRow.scanner(format);
        }
        return switch (CopyFormat.of(format)) {
            case TEXT -> new LineRows();
            case BINARY -> new PgBinaryRows();
        };
    }

    @Override
    public void checkDefinitions(ServerFacts server, InputStream plain, Cancellation cancellation) throws IOException {
        ArchiveCheck.read(server, plain, cancellation);
    }

    @Override
    public List<String> withoutUs(BackupManifest manifest, String decoder) {
        List<String> steps = new ArrayList<>();
        manifest.globals().ifPresent(globals ->
                steps.add("Roles and tablespaces: " + decoder + " " + globals.name() + " | psql postgres"));
        steps.add("Each database has a manifest (its blob is named in this answer) that lists its blobs and, for every"
                + " part of a table, the statement that loads it.");
        steps.add("Definitions: pg_restore --section=pre-data --dbname=NEW schema.dump; later the same with"
                + " --section=post-data.");
        steps.add("Data: " + decoder + " data/PART | psql --dbname=NEW -c 'LOAD STATEMENT OF THE PART'; bundles are"
                + " tar archives of such parts.");
        return steps;
    }

    @Override
    public Sandbox startSandbox(ServerFacts like, Path directory) {
        return PostgresSandbox.start(like, directory);
    }

    @Override
    public void sweepSandboxes(Path directory) {
        PostgresSandbox.sweep(directory);
    }
}
