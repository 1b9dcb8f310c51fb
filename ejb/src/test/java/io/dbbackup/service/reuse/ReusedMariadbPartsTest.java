package io.dbbackup.service.reuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Parts by ranges of a key are the same in a later backup unless a row in them has changed. */
class ReusedMariadbPartsTest {
    private final MysqlInstance server = MysqlInstance.start();
    private final RunFixture fixture = new RunFixture(new MariadbEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets, new RestoreSealer(fixture.queue, fixture.runs));

    @BeforeEach
    void fill() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "maria", "mariadb", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "", Optional.of("UTC"),
                Map.of("sslMode", "DISABLED")));
        server.sql("mysql", """
                CREATE DATABASE shop;
                CREATE TABLE shop.big (id int PRIMARY KEY AUTO_INCREMENT, v char(128), n int NOT NULL DEFAULT 0);
                CREATE TABLE shop.words (word varchar(64) PRIMARY KEY, v char(64));
                CREATE TABLE shop.small (id int PRIMARY KEY);
                INSERT INTO shop.big (id, v) SELECT seq, sha2(seq, 512) FROM seq_1_to_24000;
                INSERT INTO shop.words SELECT concat(seq, sha2(seq, 224)), sha2(seq, 256) FROM seq_100000_to_112000;
                INSERT INTO shop.small VALUES (1);
                ANALYZE TABLE shop.big, shop.words;
                """);
    }

    @AfterEach
    void close() {
        fixture.close();
        server.close();
    }

    private Ended done(RunHandler handler, Map<String, String> parameters) {
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
        Ended ended = fixture.run(handler, parameters);
        assertThat(ended.run().state()).as(ended.problem() + ended.warnings()).isEqualTo(RunState.SUCCEEDED);
        return ended;
    }

    private BackupSetView backedUp() {
        Ended ended = done(backup, Map.of(
                "source", "maria", "store", "store", "databases", "shop", "partBytes", "1M", "reuseParts", "true"));
        return fixture.sets.get(ended.run().set().orElseThrow());
    }

    /** Blobs with rows that the set itself stores, without those that are too small to be referred to. */
    private List<String> large(BackupSetView set) throws IOException {
        Path root = fixture.storePath.resolve(set.prefix());
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .filter(name -> name.contains("/data/") && !name.contains("/small-"))
                    .toList();
        }
    }

    @Test
    void what_has_not_changed_is_referred_to_and_a_table_that_grows_keeps_its_parts() throws IOException {
        BackupSetView first = backedUp();
        int parts = large(first).size();
        assertThat(parts).isGreaterThan(4);
        BackupSetView second = backedUp();
        assertThat(second.reuses()).extracting(Reused::set).containsExactly(first.id());
        // the end of a table may be too little
        assertThat(large(second)).hasSizeLessThan(3);

        server.sql("shop", "UPDATE big SET n = 1 WHERE id = 20000;"
                + " INSERT INTO big (v) SELECT sha2(-seq, 512) FROM seq_1_to_6000;"
                + " INSERT INTO words SELECT concat(seq, sha2(seq, 224)), 'new' FROM seq_112001_to_113000; ANALYZE TABLE big, words");
        BackupSetView third = backedUp();
        assertThat(third.reuses()).extracting(Reused::set).containsExactly(first.id());
        assertThat(third.reuses().get(0).blobs()).isGreaterThan(parts / 2);
        assertThat(large(third)).isNotEmpty();
        done(restore, Map.of("set", third.id(), "target", "maria", "databases", "shop=back"));
        assertThat(checksums("back")).isEqualTo(checksums("shop"));
    }

    private String checksums(String database) {
        return server.sql(database, "CHECKSUM TABLE big, words, small EXTENDED").replace(database + ".", "");
    }
}
