package io.dbbackup.engine.mysql;

import io.dbbackup.engine.mysql.backup.MysqlLogicalBackup;
import io.dbbackup.engine.mysql.restore.MysqlLogicalRestore;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.LogicalRestore;
import java.nio.file.Path;
import java.util.Map;

/** What the engines of both vendors are: everything but the name by which the configuration calls them. */
abstract class MysqlFamilyEngine implements DatabaseEngine {
    private final LogicalBackup backup = new MysqlLogicalBackup();
    private final LogicalRestore restore = new MysqlLogicalRestore();

    @Override
    public int defaultPort() {
        return 3306;
    }

    @Override
    public void validate(Map<String, String> options) {
        MysqlOptions.validate(options);
    }

    @Override
    public ServerFacts describe(Endpoint endpoint) {
        return ServerRelease.describe(endpoint);
    }

    /** One that reads, a spare one with the same snapshot, and the one that holds the lock. */
    @Override
    public int connectionsPerWorker() {
        return 3;
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
        if (!format.equals(TsvRows.FORMAT)) {
            throw new BackupException(
                    ErrorCode.MANIFEST_INVALID,
                    "MySQL and MariaDB have no part format \"" + format + "\"",
                    "Use a version of dbbackup that is at least as new as the one that wrote the set.");
        }
        return new LineRows();
    }

    @Override
    public Sandbox startSandbox(ServerFacts like, Path directory) {
        throw new BackupException(
                ErrorCode.TOOL_MISSING,
                "this version of dbbackup cannot start throwaway servers of " + like.engine(),
                "Verify without a restore, or restore into a server of your own.");
    }

    @Override
    public void sweepSandboxes(Path directory) {
        // none are started yet
    }
}
