package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.Selection;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A running server with the engine of its vendor. */
record TestServer(DatabaseEngine engine, MysqlInstance instance) {
    /** Small, so that there are several parts. */
    static final long PART_BYTES = 128 * 1024;

    ServerText text() {
        return new ServerText(instance);
    }

    String sql(String database, String script) {
        return instance.sql(database, script);
    }

    /** Executes scripts of the test class path. */
    void fill(String... scripts) throws IOException {
        for (String script : scripts) {
            try (InputStream in = TestServer.class.getResourceAsStream(script)) {
                sql("mysql", new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    /** Asks until it is so, for a minute. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not: " + what).isLessThan(end);
        }
    }

    Endpoint endpoint() {
        return text().endpoint(engine.type());
    }

    Endpoint endpoint(String sslMode) {
        return text().endpoint(engine.type(), sslMode);
    }

    /** Of another account, whose password is its name. */
    Endpoint account(String user, Map<String, String> options) {
        return new Endpoint(
                "test", engine.type(), instance.host(), instance.port(), user, () -> Optional.of(user), "", options);
    }

    BackupRun backup(Path directory, int workers, String... databases) {
        return new BackupRun(engine, endpoint(), BackupRun.spec(PART_BYTES, databases), directory, workers);
    }

    BackupRun backup(Endpoint account, Path directory, String... databases) {
        return new BackupRun(engine, account, BackupRun.spec(PART_BYTES, databases), directory, 2);
    }

    /** A backup of rows without definitions, one after the other. */
    BackupRun rowsOf(Path directory, String... databases) {
        Selection rows = new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());
        return new BackupRun(engine, endpoint(), BackupRun.spec(rows, databases), directory, 1);
    }

    MysqlRestoreRun restoring(SetReader set, String database, String name, boolean twice) {
        return new MysqlRestoreRun(engine, endpoint(), set, database, name, twice);
    }

    /** A restore that may replace what has its name, or its rows. */
    MysqlRestoreRun replacing(SetReader set, String database, String name) {
        return replacing(endpoint(), set, database, name);
    }

    MysqlRestoreRun replacing(Endpoint account, SetReader set, String database, String name) {
        return new MysqlRestoreRun(
                engine, account, set, new RestoreSpec(Map.of(database, name), true, Set.of(name), RestoreSpec.Globals.NONE, true, true), false);
    }

    /** How rows go in; only MariaDB knows the first way. */
    enum Loading {
        MANY_AT_A_TIME, LOAD_DATA, INSERT
    }

    /** Lets the server take rows by this way and those behind it. */
    void takes(Loading first) {
        sql("mysql", "SET GLOBAL local_infile = " + (first == Loading.INSERT ? "OFF" : "ON")
                + (engine.type().equals("mariadb")
                        ? ", GLOBAL max_prepared_stmt_count = " + (first == Loading.MANY_AT_A_TIME ? "DEFAULT" : "0")
                        : ""));
    }

    /** Restores under another name; nothing may differ. */
    void restore(BlobSetReader set, String database, String name) {
        try (MysqlRestoreRun restore = restoring(set, database, name, false).complete()) {
            assertThat(restore.differences()).isEmpty();
        }
    }

    void requireEqual(String copy, String original) {
        assertThat(text().checksums(copy)).isEqualTo(text().checksums(original));
        assertThat(text().definitions(copy)).isEqualTo(text().definitions(original));
    }
}
