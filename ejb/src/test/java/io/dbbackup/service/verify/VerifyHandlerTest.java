package io.dbbackup.service.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.ManifestJson;
import io.dbbackup.service.set.SampleSet;
import io.dbbackup.spi.BlobStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verification without a database: every kind of damage is named exactly, and nothing healthy is. */
class VerifyHandlerTest {
    private final RunFixture fixture = new RunFixture(new LinesEngine());
    private final BlobStore store = fixture.store();
    private final VerifyHandler verify = new VerifyHandler(
            fixture.access,
            fixture.queue,
            fixture.sets,
            fixture.verifications,
            new VerifyReporter(
                    fixture.queue,
                    fixture.runs,
                    fixture.verifications,
                    fixture.catalog.bean(Verdict.class, fixture.verifications, fixture.sets),
                    fixture.clock));

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "content"})
    void a_healthy_set_passes(String level) {
        BackupSetView set = sample().seal(fixture.sets);

        Ended ended = verify(set, level);

        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(failures(ended)).isEmpty();
        assertThat(((VerifyReport) ended.outcome().summary()).tables().isPresent())
                .as("what was not counted is not called zero").isEqualTo(level.equals("content"));
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(true);
        assertThat(fixture.sets.get(set.id()).verifiedLevel()).contains(VerifyLevel.valueOf(level.toUpperCase(java.util.Locale.ROOT)));
    }

    @Test
    void the_report_has_every_table_with_its_rows_and_the_stages_with_their_times() {
        BackupSetView set = sample().seal(fixture.sets);

        Ended ended = verify(set, "content");

        VerifyReport report = (VerifyReport) ended.outcome().summary();
        assertThat(report.tables()).hasValue(8);
        assertThat(report.rowsExpected()).hasValue(2016);
        assertThat(report.rowsFound()).hasValue(2016);
        assertThat(report.stages())
                .extracting(stage -> stage.kind() + " " + stage.items() + " " + stage.rows())
                .contains("verify.content 2 2016", "verify.manifest 1 0");
        assertThat(report.stages()).allSatisfy(stage -> assertThat(stage.endedAt()).isPresent());
        assertThat(findings(ended))
                .extracting(finding -> finding.database() + " " + finding.subject() + " " + finding.found().split(",")[0])
                .contains("crm table public.orders 1000 rows", "shop table public.nothing 0 rows");
    }

    @ParameterizedTest
    @CsvSource({
        "stored, '',   globals.sql.zst",
        "stored, shop, shop/schema.dump.zst",
        "stored, shop, shop/data/orders-1.copy.zst",
        "stored, shop, shop/data/bundle-1.tar.zst",
        "stored, shop, shop/manifest.json",
        "content, '',   globals.sql.zst",
        "content, shop, shop/schema.dump.zst",
        "content, shop, shop/data/orders-1.copy.zst",
        "content, shop, shop/data/bundle-1.tar.zst",
        "content, shop, shop/manifest.json"
    })
    void a_flipped_byte_is_named_whatever_blob_it_is_in(String level, String database, String blob) {
        BackupSetView set = sample().seal(fixture.sets);
        change(set, blob, bytes -> {
            bytes[bytes.length / 2] ^= 4;
            return bytes;
        });

        Ended ended = verify(set, level);

        assertFails(set, ended);
        Finding first = failures(ended).get(0);
        assertThat(first.database()).isEqualTo(database);
        assertThat(first.subject()).isEqualTo(blob);
        assertThat(first.problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_DIGEST_MISMATCH);
        assertThat(first.problem().orElseThrow().cause()).contains(set.prefix() + blob, "SHA-256");
        assertThat(blobsNamed(ended)).containsExactly(blob);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "content"})
    void a_truncated_blob_is_named_with_both_sizes(String level) throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        String blob = "shop/data/orders-2.copy.zst";
        long size = Files.size(file(set, blob));
        change(set, blob, bytes -> java.util.Arrays.copyOf(bytes, 100));

        Ended ended = verify(set, level);

        assertFails(set, ended);
        Problem problem = failures(ended).get(0).problem().orElseThrow();
        assertThat(problem.code()).isEqualTo(ErrorCode.BLOB_SIZE_MISMATCH);
        assertThat(problem.cause()).contains(set.prefix() + blob, "100 bytes", "the manifest says " + size);
        assertThat(blobsNamed(ended)).containsExactly(blob);
    }

    @ParameterizedTest
    @CsvSource({"stored, shop/schema.dump.zst", "content, shop/data/bundle-1.tar.zst", "stored, crm/manifest.json"})
    void a_missing_blob_is_named(String level, String blob) throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.delete(file(set, blob));

        Ended ended = verify(set, level);

        assertFails(set, ended);
        Finding finding = failures(ended).get(0);
        assertThat(finding.problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_MISSING);
        assertThat(finding.subject()).isEqualTo(blob);
        assertThat(finding.found()).isEqualTo("nothing");
        assertThat(blobsNamed(ended)).containsExactly(blob);
    }

    @Test
    void a_missing_manifest_is_named() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.delete(file(set, BackupManifest.BLOB_NAME));

        Ended ended = verify(set, "stored");

        assertFails(set, ended);
        assertThat(failures(ended)).singleElement().satisfies(finding -> {
            assertThat(finding.subject()).isEqualTo("manifest.json");
            assertThat(finding.problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_MISSING);
        });
    }

    @Test
    void a_blob_that_no_manifest_names_is_a_warning() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.write(file(set, "shop/data/stray.copy.zst"), new byte[7]);

        Ended ended = verify(set, "stored");

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(ended.warnings())
                .containsExactly("the store has a blob " + set.prefix()
                        + "shop/data/stray.copy.zst that no manifest of the set names");
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(true);
    }

    @Test
    void two_blobs_that_changed_places_are_both_named() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Path one = file(set, "crm/data/orders-1.copy.zst");
        Path other = file(set, "shop/data/orders-1.copy.zst");
        byte[] bytes = Files.readAllBytes(one);
        Files.write(one, Files.readAllBytes(other));
        Files.write(other, bytes);

        assertThat(blobsNamed(verify(set, "stored")))
                .containsExactly("crm/data/orders-1.copy.zst", "shop/data/orders-1.copy.zst");
        assertThat(blobsNamed(verify(set, "content")))
                .containsExactly("crm/data/orders-1.copy.zst", "shop/data/orders-1.copy.zst");
    }

    @Test
    void all_damage_is_found_at_once() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.delete(file(set, "crm/schema.dump.zst"));
        change(set, "globals.sql.zst", bytes -> new byte[bytes.length]);
        change(set, "shop/manifest.json", bytes -> new byte[10]);

        Ended ended = verify(set, "stored");

        assertThat(blobsNamed(ended)).containsExactly("crm/schema.dump.zst", "globals.sql.zst", "shop/manifest.json");
        assertThat(ended.problem())
                .startsWith("VERIFICATION_FAILED: backup set " + set.id()
                        + " failed its verification (level stored) with 3 findings, first: blob " + set.prefix()
                        + "globals.sql.zst was altered: ");
        assertThat(ended.run().problem().orElseThrow().code().exitCode()).isEqualTo(3);
    }

    @Test
    void a_manifest_edited_by_hand_is_noticed_by_its_own_digest() {
        BackupSetView set = sample().seal(fixture.sets);
        change(set, BackupManifest.BLOB_NAME, bytes -> new String(bytes, StandardCharsets.UTF_8)
                .replace("\"rows\":1008", "\"rows\":1009")
                .getBytes(StandardCharsets.UTF_8));

        Ended ended = verify(set, "stored");

        assertFails(set, ended);
        assertThat(failures(ended)).singleElement().satisfies(finding -> {
            assertThat(finding.problem().orElseThrow().code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
            assertThat(finding.problem().orElseThrow().cause())
                    .startsWith(set.prefix() + "manifest.json was changed after it was written");
        });
    }

    @Test
    void a_manifest_edited_with_its_digest_is_noticed_by_the_catalog_and_by_what_it_contradicts() {
        BackupSetView set = sample().seal(fixture.sets);
        change(set, BackupManifest.BLOB_NAME, bytes -> {
            String edited = new String(bytes, StandardCharsets.UTF_8).replace("\"rows\":1008", "\"rows\":1009");
            return ManifestJson.write(io.dbbackup.model.Json.read(edited.split("\n")[0], BackupManifest.class));
        });

        Ended ended = verify(set, "stored");

        assertThat(failures(ended))
                .extracting(finding -> finding.problem().orElseThrow().cause())
                .satisfiesExactly(
                        cause -> assertThat(cause).contains("is not the manifest that was written: the catalog has"),
                        cause -> assertThat(cause)
                                .isEqualTo("the manifest of database \"crm\" contradicts itself: it lists 4 tables with"
                                        + " 1008 rows, the set's manifest says 4 tables with 1009 rows"),
                        cause -> assertThat(cause).contains("the manifest of database \"shop\" contradicts itself"));
    }

    @Test
    void a_row_count_that_is_not_the_data_s_is_found_by_content_and_names_part_and_table() {
        BackupSetView set = sample()
                .lying(manifest -> manifest.name().equals("shop") ? withContent(manifest, 0, 1, f -> new Fingerprint(
                        f.rows() + 1, f.high(), f.low())) : manifest)
                .seal(fixture.sets);

        assertThat(verify(set, "stored").run().state()).isEqualTo(RunState.SUCCEEDED);
        Ended ended = verify(set, "content");

        assertFails(set, ended);
        assertThat(failures(ended)).extracting(Finding::subject)
                .containsExactly("shop/data/orders-2.copy.zst", "table public.orders");
        assertThat(failures(ended).get(0).problem().orElseThrow())
                .isEqualTo(new Problem(
                        ErrorCode.ROW_COUNT_MISMATCH,
                        "table public.orders in shop/data/orders-2.copy.zst holds 300 rows, the manifest says 301",
                        NextStep.NO_OTHER_COPY));
        assertThat(failures(ended).get(1).problem().orElseThrow())
                .isEqualTo(new Problem(
                        ErrorCode.ROW_COUNT_MISMATCH,
                        "table public.orders of database \"shop\" has 1000 rows in the set, the manifest says 1001",
                        NextStep.NO_OTHER_COPY));
        assertThat(NextStep.of(ended.run(), true)).as("one remedy, once").hasValue(NextStep.NO_OTHER_COPY);
    }

    @Test
    void a_fingerprint_that_is_not_the_data_s_is_found_in_a_bundle() {
        BackupSetView set = sample()
                .lying(manifest -> manifest.name().equals("crm") ? withContent(manifest, 3, 0, f -> new Fingerprint(
                        f.rows(), f.high(), f.low() + 1)) : manifest)
                .seal(fixture.sets);

        Ended ended = verify(set, "content");

        assertThat(failures(ended)).extracting(Finding::subject)
                .containsExactly("crm/data/bundle-1.tar.zst member 3", "table public.size");
        assertThat(failures(ended)).allSatisfy(finding -> assertThat(
                        finding.problem().orElseThrow().code())
                .isEqualTo(ErrorCode.FINGERPRINT_MISMATCH));
    }

    @Test
    void a_total_that_its_parts_do_not_add_up_to_is_found_without_reading_the_data() {
        BackupSetView set = sample().lying(manifest -> manifest.name().equals("shop") ? onlyTotal(manifest) : manifest)
                .seal(fixture.sets);

        Ended ended = verify(set, "stored");

        assertThat(failures(ended)).singleElement().satisfies(finding -> {
            assertThat(finding.subject()).isEqualTo("shop/manifest.json");
            assertThat(finding.problem().orElseThrow().cause())
                    .contains("for table public.orders, whose parts add up to xxh3-128-sum:1000:");
        });
    }

    @Test
    void a_table_whose_blob_is_damaged_is_not_reported_as_counted() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.delete(file(set, "shop/data/bundle-1.tar.zst"));

        Ended ended = verify(set, "content");

        assertThat(failures(ended)).extracting(finding -> finding.subject() + ": " + finding.found())
                .containsExactly(
                        "shop/data/bundle-1.tar.zst: nothing",
                        "table public.colour: unknown",
                        "table public.nothing: unknown",
                        "table public.size: unknown");
    }

    @Test
    void a_store_that_cannot_be_reached_says_nothing_about_the_set() {
        BackupSetView set = sample().seal(fixture.sets);
        fixture.sets.verified(set.id(), "store", VerifyLevel.STORED, true, fixture.clock.instant());
        onOpen(name -> {
            if (name.endsWith("orders-2.copy.zst")) {
                throw new BackupException(ErrorCode.STORE_UNREACHABLE, "the store is away", "Plug it in.");
            }
        });

        Ended ended = verify(set, "content");

        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        assertThat(ended.problem()).startsWith("STORE_UNREACHABLE: the verification could not run: crm: 4 blobs from"
                + " crm/schema.dump.zst: the store is away\nHINT: Plug it in.");
        assertThat(fixture.verifications.ofRun(ended.run().id())).isEmpty();
        assertThat(fixture.sets.get(set.id()).verifiedLevel()).contains(VerifyLevel.STORED);

        fixture.wrapStore(s -> s);
        List<String> opened = new ArrayList<>();
        onOpen(opened::add);
        Ended again = fixture.execute(verify, ended.run().id());

        assertThat(again.run().state()).as(again.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(opened).as("done items are not done again").doesNotContain(set.prefix() + "globals.sql.zst");
        assertThat(fixture.sets.get(set.id()).verifiedLevel()).contains(VerifyLevel.CONTENT);
    }

    @Test
    void restarted_after_its_verdict_it_looks_again() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Path file = file(set, "shop/schema.dump.zst");
        byte[] good = Files.readAllBytes(file);
        Files.delete(file);
        Ended failed = verify(set, "stored");
        assertFails(set, failed);

        Files.write(file, good);
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
        Ended again = fixture.execute(verify, failed.run().id());

        assertThat(again.run().state()).as(again.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.verifications.ofSet(set.id(), 10)).extracting(VerificationView::passed)
                .containsExactly(true, false);
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(true);
    }

    @ParameterizedTest
    @CsvSource({
        "stored,  manifest.json",
        "stored,  shop/manifest.json",
        "content, manifest.json",
        "content, shop/manifest.json"
    })
    void a_manifest_misread_once_keeps_no_blob_from_being_looked_at(String level, String manifest) {
        BackupSetView set = sample().seal(fixture.sets);
        misreadOnce(set, manifest);

        Ended healthy = verify(set, level);

        assertThat(healthy.run().state()).as(healthy.problem()).isEqualTo(RunState.SUCCEEDED);
        if (level.equals("content")) {
            assertThat(((VerifyReport) healthy.outcome().summary()).rowsFound()).hasValue(2016);
        }

        change(set, "shop/data/orders-1.copy.zst", bytes -> new byte[bytes.length]);
        misreadOnce(set, manifest);

        Ended ended = verify(set, level);

        assertFails(set, ended);
        assertThat(blobsNamed(ended)).containsExactly("shop/data/orders-1.copy.zst");
    }

    @ParameterizedTest
    @CsvSource({"stored, false", "content, false", "stored, true", "content, true"})
    void a_manifest_that_is_back_after_the_planning_is_looked_at_with_its_blobs(String level, boolean killed)
            throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        change(set, "shop/data/orders-1.copy.zst", bytes -> new byte[bytes.length]);
        Path manifest = file(set, "shop/manifest.json");
        byte[] good = Files.readAllBytes(manifest);
        Files.delete(manifest);
        onOpen(name -> {
            if (name.endsWith("globals.sql.zst")) {
                fixture.executions.all().forEach(execution -> execution.cancellation().cancel());
                if (killed) {
                    throw new AssertionError("killed");
                }
            }
        });
        UUID run = fixture.create(verify, Map.of("set", set.id(), "level", level));
        if (killed) {
            assertThatThrownBy(() -> fixture.execute(verify, run)).isInstanceOf(AssertionError.class);
        } else {
            assertThat(fixture.execute(verify, run).problem()).startsWith("CANCELLED: ");
        }

        Files.write(manifest, good);
        fixture.wrapStore(s -> s);
        Ended ended = fixture.execute(verify, run);

        assertFails(set, ended);
        assertThat(blobsNamed(ended)).containsExactly("shop/data/orders-1.copy.zst");
    }

    @Test
    void a_work_list_that_lacks_blobs_proves_nothing_and_a_restart_looks_at_all() {
        BackupSetView set = sample().seal(fixture.sets);
        onOpen(name -> {
            if (name.endsWith("shop/data/orders-1.copy.zst")) {
                throw new AssertionError("killed");
            }
        });
        UUID run = fixture.create(verify, Map.of("set", set.id(), "level", "content"));
        assertThatThrownBy(() -> fixture.execute(verify, run)).isInstanceOf(AssertionError.class);
        fixture.wrapStore(s -> s);
        fixture.queue.dropAllBut(
                run, List.of(VerifyKind.MANIFEST, VerifyKind.GLOBALS, VerifyKind.EXTRAS, VerifyKind.DATABASE));

        Ended ended = fixture.execute(verify, run);

        assertFails(set, ended);
        assertThat(failures(ended)).extracting(finding -> finding.problem().orElseThrow().cause())
                .containsExactly(
                        "only 0 of the 4 blobs of database \"crm\" were looked at",
                        "only 0 of the 4 blobs of database \"shop\" were looked at");
        assertThat(((VerifyReport) ended.outcome().summary()).rowsFound()).hasValue(0);

        Ended again = fixture.execute(verify, run);

        assertThat(again.run().state()).as(again.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    /** A read that finds nothing where there is something, as of a disk or a mount that comes and goes. */
    private void misreadOnce(BackupSetView set, String blob) {
        AtomicBoolean misread = new AtomicBoolean();
        onOpen(name -> {
            if (name.equals(set.prefix() + blob) && !misread.getAndSet(true)) {
                throw new BackupException(ErrorCode.BLOB_MISSING, "there is no blob " + name, "Look again.");
            }
        });
    }

    @Test
    void a_part_of_the_set_that_passes_does_not_make_the_set_verified() throws IOException {
        BackupSetView set = sample().seal(fixture.sets);
        Files.delete(file(set, "crm/schema.dump.zst"));

        Ended ended = fixture.run(verify, Map.of("set", set.id(), "level", "content", "databases", "shop"));

        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(((VerifyReport) ended.outcome().summary()).tables()).hasValue(4);
        assertThat(fixture.sets.get(set.id()).verifiedOk()).isEmpty();
    }

    @Test
    void a_database_that_is_not_in_the_set_is_refused() {
        BackupSetView set = sample().seal(fixture.sets);

        Ended ended = fixture.run(verify, Map.of("set", set.id(), "databases", "shop,shoop"));

        assertThat(ended.problem())
                .isEqualTo("INVALID_PARAMETER: the backup set has no database shoop\nHINT: It has: crm, shop.");
    }

    @Test
    void latest_names_the_newest_set_of_a_source() {
        sample().seal(fixture.sets);
        BackupSetView newest = SampleSet.takenAt(store, fixture.clock.instant().plusSeconds(9)).seal(fixture.sets);

        Ended ended = fixture.run(verify, Map.of("set", "latest:" + SampleSet.SOURCE));

        assertThat(ended.run().set()).contains(newest.id());
        assertThat(ended.run().parameters()).containsEntry("level", "content");
    }

    @Test
    void stopped_it_gives_no_verdict() {
        BackupSetView set = sample().seal(fixture.sets);
        onOpen(name -> {
            if (name.endsWith("orders-1.copy.zst")) {
                fixture.executions.all().forEach(execution -> execution.cancellation().cancel());
            }
        });

        Ended ended = verify(set, "content");

        assertThat(ended.problem()).startsWith("CANCELLED: ");
        assertThat(fixture.sets.get(set.id()).verifiedOk()).isEmpty();
    }

    private SampleSet sample() {
        return SampleSet.takenAt(store, fixture.clock.instant().minus(Duration.ofHours(1)));
    }

    private Ended verify(BackupSetView set, String level) {
        return fixture.run(verify, Map.of("set", set.id(), "level", level));
    }

    private void assertFails(BackupSetView set, Ended ended) {
        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        assertThat(ended.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(false);
    }

    private List<Finding> findings(Ended ended) {
        VerificationView verification = fixture.verifications.ofRun(ended.run().id()).orElseThrow();
        return fixture.verifications.findings(verification.id(), Optional.empty(), 0, 1000);
    }

    private List<Finding> failures(Ended ended) {
        return findings(ended).stream().filter(finding -> !finding.passed()).toList();
    }

    /** Blobs that failures name; tables that suffer from them aside. */
    private Set<String> blobsNamed(Ended ended) {
        Set<String> names = new TreeSet<>();
        failures(ended).stream()
                .map(Finding::subject)
                .filter(subject -> !subject.startsWith("table "))
                .forEach(names::add);
        return names;
    }

    private Path file(BackupSetView set, String blob) {
        return fixture.storePath.resolve(set.prefix() + blob);
    }

    private void change(BackupSetView set, String blob, UnaryOperator<byte[]> change) {
        try {
            Path file = file(set, blob);
            Files.write(file, change.apply(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DatabaseManifest withContent(
            DatabaseManifest manifest, int table, int part, UnaryOperator<Fingerprint> lie) {
        List<TableManifest> tables = new ArrayList<>(manifest.tables());
        TableManifest t = tables.get(table);
        List<PartManifest> parts = new ArrayList<>(t.parts());
        PartManifest p = parts.get(part);
        parts.set(part, new PartManifest(
                p.blob(), p.member(), p.format(), p.loadStatement(), p.plainBytes(), lie.apply(p.content())));
        Fingerprint sum = parts.stream().map(PartManifest::content).reduce(Fingerprint.EMPTY, Fingerprint::plus);
        tables.set(table, new TableManifest(t.schema(), t.name(), sum, t.readStatement(), t.properties(), parts));
        return with(manifest, tables);
    }

    private static DatabaseManifest onlyTotal(DatabaseManifest manifest) {
        List<TableManifest> tables = new ArrayList<>(manifest.tables());
        TableManifest t = tables.get(0);
        tables.set(0, new TableManifest(
                t.schema(), t.name(), t.content().plus(new Fingerprint(5, 0, 0)), t.readStatement(), t.properties(),
                t.parts()));
        return with(manifest, tables);
    }

    private static DatabaseManifest with(DatabaseManifest m, List<TableManifest> tables) {
        List<BlobRef> blobs = m.blobs();
        return new DatabaseManifest(
                m.name(), m.snapshotAt(), m.position(), m.properties(), blobs, m.schemaBlob(), tables);
    }

    private void onOpen(java.util.function.Consumer<String> action) {
        fixture.wrapStore(real -> (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        action.accept((String) arguments[0]);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
