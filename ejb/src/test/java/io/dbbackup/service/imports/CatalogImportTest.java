package io.dbbackup.service.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SetId;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.service.set.SampleSet;
import io.dbbackup.service.verify.LinesVerification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store holds enters a catalog that does not know it, and nothing else. */
class CatalogImportTest {
    private static final Instant MONDAY = Instant.parse("2026-11-16T03:00:00Z");
    private static final Instant TUESDAY = Instant.parse("2026-11-17T03:00:00Z");

    private final RunFixture first = LinesVerification.fixture();
    private final Path firstStore = first.storePath;
    private RunFixture fixture = first;
    private CatalogImport imports = imports();

    private CatalogImport imports() {
        return new CatalogImport(fixture.config, fixture.access, fixture.sets, fixture.runs);
    }

    @AfterEach
    void close() {
        if (fixture != first) {
            fixture.close();
        }
        first.close();
    }

    /** A machine with an empty catalog, on which only the store is configured. */
    private void moveToAnotherMachine() {
        fixture = LinesVerification.fixture();
        fixture.configuration.save(new StoreConfig("store", "file", Map.of("path", firstStore.toString())));
        imports = imports();
    }

    @Test
    void a_machine_that_never_saw_the_catalog_lists_and_verifies_what_the_store_holds() {
        BackupSetView monday = sample(MONDAY).policy("nightly").seal(fixture.sets);
        BackupSetView tuesday = sample(TUESDAY).incomplete().seal(fixture.sets);
        moveToAnotherMachine();
        assertThat(fixture.sets.find(monday.id())).isEmpty();

        ImportReport report = imports.run(ImportRequest.of("store"));

        assertThat(report.found()).isEqualTo(2);
        assertThat(report.imported()).isEqualTo(2);
        assertThat(report.problems()).isEmpty();
        assertThat(report.sets()).extracting(ImportReport.Imported::set).containsExactly(monday.id(), tuesday.id());
        assertThat(fixture.sets.get("latest:" + SampleSet.SOURCE))
                .usingRecursiveComparison()
                .isEqualTo(tuesday);
        assertThat(fixture.sets.get(monday.id()))
                .usingRecursiveComparison()
                .ignoringFields("policy")
                .isEqualTo(monday);
        RunFixture.Ended ended = fixture.run(
                LinesVerification.handler(fixture), Map.of("set", monday.id(), "level", "content"));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.sets.get(monday.id()).verifiedOk()).contains(true);
    }

    @Test
    void a_second_import_adds_nothing_and_a_dry_run_nothing_at_all() {
        BackupSetView set = sample(MONDAY).seal(fixture.sets);
        moveToAnotherMachine();

        ImportReport dry = imports.run(ImportRequest.of("store").ofSource(SampleSet.SOURCE).dry());
        assertThat(dry.imported()).isEqualTo(1);
        assertThat(fixture.sets.find(set.id())).isEmpty();

        imports.run(ImportRequest.of("store"));
        ImportReport again = imports.run(ImportRequest.of("store"));
        assertThat(again.imported()).isZero();
        assertThat(again.known()).isEqualTo(1);
    }

    @Test
    void what_is_damaged_moved_or_unfinished_is_reported_and_the_rest_is_added() throws IOException {
        BackupSetView edited = sample(MONDAY).seal(fixture.sets);
        BackupSetView moved = sample(TUESDAY).seal(fixture.sets);
        BackupSetView good = sample(TUESDAY.plusSeconds(60)).seal(fixture.sets);
        sample(TUESDAY.plusSeconds(120)).writeUnsealed();
        Path manifest = firstStore.resolve(edited.prefix() + "manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("Test 15.1", "Test 15.2"));
        String strange = SetId.of(MONDAY, SampleSet.ZONE, UUID.randomUUID()).value();
        Files.move(firstStore.resolve(moved.prefix()), firstStore.resolve(SampleSet.SOURCE).resolve(strange));
        Path renamed = firstStore.resolve(SampleSet.SOURCE).resolve("my-backup");
        copyTree(firstStore.resolve(good.prefix()), renamed);
        Files.createDirectory(firstStore.resolve("notes"));
        Files.writeString(firstStore.resolve("notes/readme.txt"), "not ours");
        moveToAnotherMachine();

        ImportReport report = imports.run(ImportRequest.of("store"));

        assertThat(report.sets()).extracting(ImportReport.Imported::set).containsExactly(good.id());
        assertThat(report.refused()).isEqualTo(3);
        assertThat(report.problems())
                .allSatisfy(refused -> assertThat(refused.problem().code()).isEqualTo(ErrorCode.MANIFEST_INVALID))
                .extracting(ImportReport.Refused::prefix)
                .containsExactlyInAnyOrder(
                        edited.prefix(), SampleSet.SOURCE + "/" + strange + "/", SampleSet.SOURCE + "/my-backup/");
        assertThat(fixture.sets.list(Optional.empty(), Optional.empty(), 10)).hasSize(1);
    }

    @Test
    void another_manifest_than_the_catalog_remembers_is_a_conflict_and_changes_nothing() throws IOException {
        BackupSetView set = sample(MONDAY).seal(fixture.sets);
        fixture.sets.forget(set.id(), "store");
        Path manifest = firstStore.resolve(set.prefix() + "manifest.json");
        byte[] original = Files.readAllBytes(manifest);
        fixture.sets.enter(
                ManifestFile.read(original, "it").header(), "store", Optional.empty(), "0".repeat(64));

        ImportReport report = imports.run(ImportRequest.of("store"));

        assertThat(report.refused()).isEqualTo(1);
        assertThat(report.imported()).isZero();
        assertThat(report.problems().get(0).problem().code()).isEqualTo(ErrorCode.SET_CONFLICT);
        assertThat(report.problems().get(0).problem().cause()).contains("0".repeat(64), set.manifestSha256());
        assertThat(fixture.sets.get(set.id()).manifestSha256()).isEqualTo("0".repeat(64));
    }

    @Test
    void a_set_that_retention_is_deleting_does_not_come_back() throws IOException {
        BackupSetView set = sample(MONDAY).seal(fixture.sets);
        fixture.sets.expiring(set.id(), "store", true);

        assertThat(imports.run(ImportRequest.of("store")).skipped()).isEqualTo(1);
        Files.delete(firstStore.resolve(set.prefix() + "manifest.json"));
        ImportReport report = imports.run(ImportRequest.of("store"));

        assertThat(report.found()).isZero();
        assertThat(fixture.sets.find(set.id()).orElseThrow().state()).isEqualTo(BackupSetView.State.EXPIRING);
    }

    @Test
    void a_set_whose_backup_is_about_to_enter_it_is_left_to_it() {
        BackupSetView set = sample(MONDAY).policy("nightly").seal(fixture.sets);
        fixture.sets.forget(set.id(), "store");
        UUID run = fixture.runs.create(
                        new RunDraft(
                                Operation.BACKUP, "backup", Optional.of(SampleSet.SOURCE), Optional.of("store"),
                                Optional.of("nightly"), Optional.of(set.id()), Map.of()),
                        "tester", "test", Optional.empty(), "")
                .id();

        assertThat(imports.run(ImportRequest.of("store")).skipped()).isEqualTo(1);
        assertThat(fixture.sets.find(set.id())).isEmpty();

        fixture.runs.end(run, RunState.INTERRUPTED, "NODE_LOST");
        assertThat(imports.run(ImportRequest.of("store")).imported()).isEqualTo(1);
        assertThat(fixture.sets.get(set.id()).policy()).contains("nightly");
    }

    @Test
    void a_source_that_the_store_does_not_have_is_refused_with_those_that_it_has() {
        sample(MONDAY).seal(fixture.sets);

        assertThatThrownBy(() -> imports.run(ImportRequest.of("store").ofSource("shop")))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_SOURCE);
                    assertThat(e.problem().remedy()).contains(SampleSet.SOURCE);
                });
    }

    @Test
    void a_url_registers_the_store_once_and_a_secret_in_it_is_refused_without_being_repeated() throws IOException {
        BackupSetView set = sample(MONDAY).seal(fixture.sets);
        fixture = LinesVerification.fixture();
        imports = imports();
        String url = "file://" + firstStore + "/";

        assertThat(imports.run(request(url).dry()).imported()).isEqualTo(1);
        assertThat(fixture.configuration.stores()).hasSize(1);

        ImportReport report = imports.run(request(url));
        assertThat(report.registered()).isTrue();
        assertThat(report.imported()).isEqualTo(1);
        assertThat(fixture.sets.get(set.id()).store()).isEqualTo(report.store()).startsWith("file-");
        ImportReport again = imports.run(request(url));
        assertThat(again.registered()).isFalse();
        assertThat(again.known()).isEqualTo(1);
        assertThat(fixture.configuration.stores()).hasSize(2);

        for (String bad : List.of(
                "s3://id:hunter2@bucket/x", "sftp://u:hunter2@h/x", "s3://bucket?access_key_id=a&secret_access_key=hunter2",
                "s3://b?region=a b&secret_access_key=hunter2", "file:///x?what=hunter2", "tape:///hunter2")) {
            assertThatThrownBy(() -> imports.run(request(bad)))
                    .as(bad)
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.problem().toString())
                            .doesNotContain("hunter2"));
        }
        assertThatThrownBy(() -> imports.run(request("file:///does/not/exist"))).isInstanceOf(BackupException.class);
        Path empty = Files.createDirectory(firstStore.resolveSibling("empty"));
        assertThatThrownBy(() -> imports.run(request("file://" + empty)))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                        .isEqualTo(ErrorCode.UNKNOWN_BACKUP_SET));
        assertThat(fixture.configuration.stores()).hasSize(2);
    }

    @Test
    void a_set_that_is_known_in_another_store_has_a_second_copy_with_its_policy() throws IOException {
        BackupSetView set = sample(MONDAY).policy("nightly").seal(fixture.sets);
        Path second = firstStore.resolveSibling("second");
        copyTree(firstStore, second);
        fixture.configuration.save(new StoreConfig("second", "file", Map.of("path", second.toString())));

        assertThat(imports.run(ImportRequest.of("second").dry()).imported()).isEqualTo(1);
        assertThatThrownBy(() -> imports.run(ImportRequest.of("second").forPolicy("none")))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_POLICY));
        assertThat(imports.run(ImportRequest.of("second")).imported()).isEqualTo(1);

        assertThat(fixture.sets.copies(set.id())).extracting(BackupSetView::store).containsExactly("store", "second");
        assertThat(fixture.sets.get(set.id(), Optional.of("second")).policy()).contains("nightly");
        assertThat(fixture.sets.list(Optional.empty(), Optional.empty(), 10)).hasSize(1);
        fixture.sets.verified(set.id(), "store", VerifyLevel.STORED, false, TUESDAY);
        assertThat(fixture.sets.get(set.id()).store()).as("the healthy one").isEqualTo("second");
        fixture.sets.forget(set.id(), "second");
        assertThat(fixture.sets.get(set.id()).store()).isEqualTo("store");
        fixture.sets.forget(set.id(), "store");
        assertThat(fixture.sets.find(set.id())).isEmpty();
    }

    @Test
    void a_store_that_is_a_second_name_of_a_place_is_refused_before_anything_is_read() throws IOException {
        sample(MONDAY).seal(fixture.sets);
        fixture.configuration.save(new StoreConfig("alias", "file", Map.of("path", firstStore + "/.")));

        for (ImportRequest request : List.of(ImportRequest.of("alias"), ImportRequest.of("alias").dry())) {
            assertThatThrownBy(() -> imports.run(request)).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                assertThat(e.problem().cause()).contains("\"alias\"", "\"store\"", "the same place");
            });
        }

        assertThat(fixture.sets.list(Optional.empty(), Optional.empty(), 10))
                .extracting(BackupSetView::store).containsExactly("store");
    }

    private static ImportRequest request(String from) {
        return ImportRequest.of(from);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private SampleSet sample(Instant takenAt) {
        return SampleSet.takenAt(fixture.store(), takenAt);
    }
}
