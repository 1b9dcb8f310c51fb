package io.dbbackup.engine.mysql;

import io.dbbackup.engine.mysql.backup.MysqlLogicalBackup;
import io.dbbackup.engine.mysql.restore.MysqlLogicalRestore;
import io.dbbackup.engine.mysql.sandbox.MysqlSandbox;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.throwaway.ThrowawayDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the engines of both vendors are: everything but the name by which the configuration calls them. */
abstract class MysqlFamilyEngine implements DatabaseEngine {
    private final Vendor vendor;
    private final LogicalBackup backup = new MysqlLogicalBackup();
    private final LogicalRestore restore = new MysqlLogicalRestore();

    MysqlFamilyEngine(Vendor vendor) {
        this.vendor = vendor;
    }

    @Override
    public String type() {
        return vendor.type();
    }

    @Override
    public int defaultPort() {
        return 3306;
    }

    @Override
    public void validate(Map<String, String> options) {
        MysqlOptions.validate(options);
    }

    @Override
    public void validateTogether(Map<String, String> options) {
        MysqlOptions.validateTogether(options);
    }

    @Override
    public ServerFacts describe(Endpoint endpoint) {
        return ServerRelease.describe(endpoint);
    }

    /** A backup has the sessions of a snapshot; a worker of a restore has one for the server and one for a database. */
    @Override
    public int connections(int workers) {
        return Math.max(MysqlLogicalBackup.connections(workers), 2 * workers);
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

    /** Reads both scripts' form; what the statements say only a server knows. */
    @Override
    public void checkDefinitions(ServerFacts server, InputStream plain, Cancellation cancellation) throws IOException {
        DefinitionsReader.read(plain, definition -> cancellation.check());
    }

    @Override
    public List<String> withoutUs(BackupManifest manifest, String decoder) {
        String client = vendor.client();
        List<String> steps = new ArrayList<>();
        manifest.globals().ifPresent(globals ->
                steps.add("Accounts and privileges: " + decoder + " " + globals.name() + " | " + client + " --force"));
        steps.addAll(List.of(
                "Each database has a directory such as databases/0001-shop, whose database.json lists its blobs, the options of"
                        + " CREATE DATABASE (properties.options) and, for every part of a table, the statement that loads it"
                        + " (loadStatement; docs/mysql.md has the way for those that are an INSERT). Names below are without their endings.",
                "Tables: CREATE DATABASE NEW OPTIONS; then " + decoder + " schema.sql | " + client + " NEW",
                "Data: " + decoder + " data/PART | " + client + " --local-infile=1 --init-command=\"SET SESSION sql_mode ="
                        + " 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0"
                        + (vendor == Vendor.MARIADB ? ", check_constraint_checks = 0, system_versioning_insert_history = 1" : "") + "\""
                        + " NEW -e 'LOAD STATEMENT OF THE PART' (the server needs local_infile = ON; where the table's properties have computed.settings, set these in the session, too);"
                        + " of a bundle: "
                        + decoder + " data/BUNDLE | tar -xO -f - MEMBER | " + client + " …",
                "Keys, foreign keys, routines, views, triggers, events: " + decoder + " after-data.sql | " + client + " --force NEW"
                        + " (a view that is broken is an error, which must not keep triggers and events away)"));
        manifest.globals().ifPresent(globals -> steps.add("Privileges on columns, routines and the like, which exist only now: the first"
                + " step once more"));
        return steps;
    }

    @Override
    public Sandbox startSandbox(ServerFacts like, Path directory) {
        return MysqlSandbox.start(vendor, like, directory);
    }

    @Override
    public void sweepSandboxes(Path directory) {
        ThrowawayDirectories.sweep(directory);
    }
}
