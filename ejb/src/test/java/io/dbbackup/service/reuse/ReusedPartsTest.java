package io.dbbackup.service.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.Omission;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.service.backup.BackupSummary;
import io.dbbackup.service.rewrite.RewriteSummary;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.KeyRotation;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.file.FileStoreProvider;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a backup refers to instead of storing it again, read back in every way. */
class ReusedPartsTest {
    private static PostgresInstance server;

    private ReuseFixture reuse;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void fill() {
        reuse = new ReuseFixture(server);
    }

    @AfterEach
    void close() {
        reuse.close();
    }

    @Test
    void unchanged_parts_are_neither_stored_nor_uploaded_and_changed_ones_are_stored() {
        BackupSetView first = reuse.backedUp();
        assertThat(first.reuses()).isEmpty();
        assertThat(reuse.dataOf(first)).hasSizeGreaterThan(5);

        List<String> uploads = new ArrayList<>();
        reuse.watchStore((method, name) -> {
            if (method.equals("create")) {
                uploads.add(name);
            }
        });
        reuse.later();
        Ended ended = reuse.done(reuse.fixture.run(reuse.backup, ReuseFixture.parameters(Map.of())));
        BackupSummary summary = (BackupSummary) ended.outcome().summary();
        BackupSetView second = reuse.fixture.sets.get(summary.set());
        assertThat(summary.reusedBlobs()).isEqualTo(reuse.dataOf(first).size());
        assertThat(summary.reusedBytes()).isEqualTo(second.reusedBytes()).isGreaterThan(summary.storedBytes() / 2);
        assertThat(reuse.dataOf(second)).isEmpty();
        assertThat(Json.write(second)).contains("\"reusedBytes\":" + summary.reusedBytes());
        // only the bundle was compressed: of tables with parts of their own the server says that nothing has changed
        assertThat(uploads).noneMatch(name -> name.contains("/big-") || name.contains("/grows-"))
                .anyMatch(name -> name.contains("/bundle-"));
        String before = reuse.rows();
        reuse.sql("UPDATE big SET n = 1 WHERE id = 12000;"
                + " INSERT INTO grows SELECT i, md5(i::text) FROM generate_series(30001, 30500) i");
        BackupSetView third = reuse.backedUp();
        // the page of the old row, the one of the new row, and the end of what has grown
        assertThat(reuse.dataOf(third)).hasSizeBetween(2, 4).allMatch(name -> name.contains("/big-") || name.contains("/grows-"));
        // never a chain
        assertThat(third.reuses()).extracting(Reused::set).containsExactly(first.id());
        BackupSetView fourth = reuse.backedUp();
        assertThat(fourth.reuses()).extracting(Reused::set).containsExactly(first.id(), third.id());
        assertThat(reuse.dataOf(fourth)).isEmpty();
        reuse.verified(fourth, "stored");
        reuse.verified(fourth, "content");
        reuse.restored(fourth, reuse.rows());
        reuse.restored(second, before);
    }

    /** Else one that somebody has forgotten would end it for every night. */
    @Test
    void sets_beside_the_same_unfinished_restore_refer_to_each_other() {
        reuse.sql("CREATE SCHEMA dbbackup_restore; COMMENT ON SCHEMA dbbackup_restore IS 'dbbackup run 4711'");
        BackupSetView first = reuse.backedUp();
        assertThat(first.omissions()).contains(Omission.UNFINISHED_RESTORE);
        BackupSetView second = reuse.backedUp();
        assertThat(second.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.sql("DROP SCHEMA dbbackup_restore");
        BackupSetView whole = reuse.backedUp();
        assertThat(whole.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.restored(whole, reuse.rows());
    }

    /** Else a single database taken by hand would make the next whole backup store all others again. */
    @Test
    void a_set_refers_to_none_that_leaves_databases_out_unless_it_does_itself() {
        Map<String, String> whole = Map.of("databases", "[]");
        BackupSetView first = reuse.backedUp(whole);
        BackupSetView chosen = reuse.backedUp();
        assertThat(chosen.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.sql("UPDATE big SET n = 1 WHERE id = 12000");
        BackupSetView changed = reuse.backedUp();
        assertThat(reuse.dataOf(changed)).isNotEmpty();
        assertThat(reuse.backedUp(whole).reuses()).extracting(Reused::set).containsExactly(first.id());
    }

    @Test
    void sets_that_cannot_serve_do_not_keep_an_older_one_from_being_found() throws IOException {
        Map<String, String> whole = Map.of("databases", "[]");
        BackupSetView first = reuse.backedUp(whole);
        for (int i = 0; i < 5; i++) {
            reuse.backedUp(Map.of("contents", "schema"));
            reuse.backedUp(Map.of("databases", "postgres"));
        }
        assertThat(reuse.backedUp(whole).reuses()).extracting(Reused::set).containsExactly(first.id());

        // complete, but another policy's, which takes other databases; and for others
        reuse.fixture.configuration.save(new PolicyConfig(
                "others", "pg", "store", List.of("postgres"), List.of(), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
        reuse.keyFile("office", TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("office.key"), 1));
        for (int i = 0; i < 11; i++) {
            reuse.later();
            reuse.done(reuse.fixture.run(reuse.backup, i % 2 == 0
                    ? Map.of("policy", "others")
                    : Map.of("policy", "others", "encrypt", "office")));
        }
        BackupSetView again = reuse.backedUp(whole);
        assertThat(again.reuses()).extracting(Reused::set).containsExactly(first.id());
        assertThat(reuse.dataOf(again)).isEmpty();
        BackupSetView chosen = reuse.backedUp();
        assertThat(chosen.reuses()).extracting(Reused::set).containsExactly(first.id());
        assertThat(reuse.dataOf(chosen)).isEmpty();
    }

    @Test
    void one_set_of_a_policy_that_cannot_serve_says_nothing_of_its_older_ones() throws IOException {
        Path key = TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("office.key"), 1);
        reuse.keyFile("office", key);
        reuse.keyFile("home", TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("home.key"), 2));
        reuse.fixture.configuration.save(new PolicyConfig(
                "nightly", "pg", "store", List.of("shop"), List.of(), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
        BackupSetView first = nightly("office");

        // its manifest is lost
        BackupSetView lost = nightly("office");
        Files.delete(reuse.fixture.storePath.resolve(lost.prefix()).resolve("manifest.json"));
        BackupSetView second = nightly("office");
        assertThat(second.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.fixture.sets.forget(lost.id(), "store");
        // it is for somebody else
        nightly("home");
        assertThat(nightly("office").reuses()).extracting(Reused::set).containsExactly(first.id());
        // who had the same name for a day
        reuse.keyFile("office", TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("other.key"), 3));
        assertThat(nightly("office").reuses()).isEmpty();
        reuse.keyFile("office", key);
        assertThat(nightly("office").reuses()).extracting(Reused::set).containsExactly(first.id());
    }

    private BackupSetView nightly(String key) {
        reuse.later();
        Map<String, String> parameters = Map.of("policy", "nightly", "reuseParts", "true", "encrypt", key);
        return reuse.fixture.sets.get(
                reuse.done(reuse.fixture.run(reuse.backup, parameters)).run().set().orElseThrow());
    }

    @Test
    void nothing_is_referred_to_that_is_too_old_partial_or_lost() throws IOException {
        BackupSetView first = reuse.backedUp();
        assertThat(reuse.backedUp(Map.of("excludeTables", "sizes")).reuses()).isEmpty();
        reuse.fixture.clock.set(first.takenAt().plusSeconds(8 * 86_400));
        BackupSetView week = reuse.backedUp();
        assertThat(week.reuses()).isEmpty();

        Path lost = reuse.fixture.storePath.resolve(week.prefix()).resolve(reuse.dataOf(week).get(0));
        Files.delete(lost);
        BackupSetView mended = reuse.backedUp();
        assertThat(mended.reuses()).extracting(Reused::set).containsExactly(week.id());
        assertThat(reuse.dataOf(mended)).hasSize(1);
        reuse.verified(mended, "stored");
        // nobody knows in which set that is damaged
        reuse.fixture.sets.verified(mended.id(), "store", VerifyLevel.CONTENT, false, mended.sealedAt());
        assertThat(reuse.backedUp().reuses()).isEmpty();
    }

    @Test
    void an_encrypted_set_carries_the_keys_of_those_that_it_refers_to() throws Exception {
        Path office = TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("office.key"), 1);
        reuse.keyFile("office", office);
        Map<String, String> encrypted = Map.of("encrypt", "office");
        BackupSetView first = reuse.backedUp(encrypted);
        reuse.sql("UPDATE big SET n = 1 WHERE id = 12000");
        BackupSetView second = reuse.backedUp(encrypted);
        assertThat(second.reuses()).extracting(Reused::set).containsExactly(first.id());
        assertThat(reuse.dataOf(second)).isNotEmpty().hasSizeLessThan(4);
        reuse.verified(second, "stored");
        reuse.verified(second, "content");
        // for others nothing is referred to: they could not open it
        reuse.keyFile("vault", TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("vault.key"), 2));
        assertThat(reuse.backedUp(Map.of("encrypt", "office,vault")).reuses()).isEmpty();

        decryptedWithoutDbbackup(second, office);
        // by rotation the new key opens all of it, in this set alone
        KeyRotation.rotate(
                reuse.fixture.store(), second.prefix(), reuse.fixture.access.keys().atHand(),
                reuse.fixture.access.keys().recipients(List.of("vault")), Instant.EPOCH);
        reuse.keyFile("office", office.resolveSibling("gone"));
        reuse.restored(second, reuse.rows());

        Ended ended = reuse.done(reuse.fixture.run(reuse.decrypt, Map.of("set", second.id())));
        BackupSetView clear = reuse.fixture.sets.get(((RewriteSummary) ended.outcome().summary()).set());
        assertThat(clear.derivedFrom()).contains(second.id());
        assertThat(ended.warnings()).isEmpty();
        assertThat(clear.reuses()).isEmpty();
        reuse.done(reuse.removed(second, "store"));
        reuse.done(reuse.removed(first, "store"));
        reuse.restored(clear, reuse.rows());
    }

    /** Decrypt.java finds what the set refers to beside it; what it writes needs no other set. */
    private void decryptedWithoutDbbackup(BackupSetView set, Path key) throws Exception {
        Path out = reuse.fixture.storePath.resolveSibling("decrypted").resolve("pg").resolve(set.id());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        Path.of("..", "docs", "tools", "Decrypt.java").toString(), "--key-file", key.toString(), "--set",
                        reuse.fixture.storePath.resolve(set.prefix()).toString(), "--out", out.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        BlobStore store = new FileStoreProvider()
                .open(Map.of("path", out.getParent().getParent().toString()), ref -> Optional.empty());
        BlobSetReader reader = BlobSetReader.open(store, set.prefix());
        assertThat(reader.manifest().reuses()).isEmpty();
        // it writes no digest of the plain bytes of that document
        String database = Files.readString(out.resolve(reader.manifest().databases().get(0).manifest().name()));
        assertThat(database).doesNotContain("origin").contains("/data/big-");
        try (Stream<Path> paths = Files.walk(out)) {
            assertThat(paths.filter(path -> path.toString().contains("/data/")).count()).isGreaterThan(5);
        }
    }

    @Test
    void who_has_only_a_public_key_is_told_that_nothing_can_be_reused() throws IOException {
        Path keys = Files.createDirectory(reuse.fixture.storePath.resolveSibling("keys"));
        TestKeys.pair(keys, "offsite", "x25519");
        reuse.fixture.configuration.save(new KeyConfig(
                "offsite", "x25519", Optional.empty(), Optional.empty(), Optional.of(keys.resolve("offsite.pub").toString()),
                Optional.empty()));
        reuse.backedUp(Map.of("encrypt", "offsite"));

        reuse.later();
        Ended ended = reuse.done(reuse.fixture.run(reuse.backup, ReuseFixture.parameters(Map.of("encrypt", "offsite"))));

        assertThat(((BackupSummary) ended.outcome().summary()).reusedBlobs()).isZero();
        assertThat(ended.warnings()).singleElement().asString().contains("reuse_parts has no effect", "no key that opens it");
    }

    @Test
    void nothing_is_referred_to_that_was_encrypted_for_another_passphrase_of_the_same_name() throws IOException {
        Path passphrase = reuse.fixture.storePath.resolveSibling("passphrase");
        TestKeys.write(passphrase, "seven horses ran away", "rw-------");
        reuse.fixture.configuration.save(new KeyConfig(
                "owner", KeyConfig.PASSPHRASE, Optional.empty(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, passphrase.toString())), Optional.empty(), Optional.empty()));
        Map<String, String> encrypted = Map.of("encrypt", "owner");
        BackupSetView first = reuse.backedUp(encrypted);
        assertThat(reuse.backedUp(encrypted).reuses()).extracting(Reused::set).containsExactly(first.id());

        TestKeys.write(passphrase, "eight horses ran away", "rw-------");

        assertThat(reuse.backedUp(encrypted).reuses()).isEmpty();
    }

    @Test
    void a_copy_is_complete_without_the_sets_that_the_original_refers_to() {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();

        reuse.done(reuse.fixture.run(reuse.copy, Map.of("set", second.id(), "to", "offsite")));

        BackupSetView copy = reuse.fixture.sets.find(second.id(), "offsite").orElseThrow();
        assertThat(reuse.dataOf(copy)).hasSameSizeAs(reuse.dataOf(first));
        assertThat(reuse.fixture.sets.referrers(first.id(), "offsite")).isEmpty();
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(second.id());
        reuse.done(reuse.removed(second, "store"));
        reuse.done(reuse.removed(first, "store"));
        reuse.verified(copy, "stored");
        reuse.restored(copy, reuse.rows());
    }

    @Test
    void an_error_says_which_set_lost_a_part_and_a_copy_brings_it_back() throws IOException {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();
        reuse.done(reuse.fixture.run(reuse.copy, Map.of("set", second.id(), "to", "offsite")));
        // somebody deletes the first set by hand
        for (String name : reuse.dataOf(first)) {
            Files.delete(reuse.fixture.storePath.resolve(first.prefix()).resolve(name));
        }
        Ended ended = reuse.fixture.run(reuse.restore, Map.of(
                "set", second.id(), "store", "store", "target", "pg", "databases", "shop=back", "globals", "none"));
        assertThat(ended.problem())
                .contains("BLOB_MISSING")
                .contains("stored by backup set " + first.id())
                .contains("has lost it");

        reuse.done(reuse.fixture.run(reuse.copy, Map.of("set", second.id(), "store", "offsite", "to", "store")));

        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).isEmpty();
        reuse.verified(second, "stored");
    }

    static void refused(ErrorCode code, ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(BackupException.class)
                .extracting(e -> ((BackupException) e).code())
                .isEqualTo(code);
    }
}
