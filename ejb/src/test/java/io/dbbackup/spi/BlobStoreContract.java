package io.dbbackup.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@link BlobStore} and {@link BlobWriter} promise, sentence by sentence. Every store extends this class; it is in
 * the test jar. Each test gets a store that is empty at first.
 */
public abstract class BlobStoreContract {
    private static final int SEVERAL_BLOCKS = 3 * 1024 * 1024 + 17;

    protected BlobStore store;
    private BlobStore otherNode;

    /** Opens the store of this test, as one more node of a cluster would: each call gives another object. */
    protected abstract BlobStore connect();

    /** So many bytes written make a store put some of them away before the commit, and several pieces if it has such. */
    protected int bytesThatReachTheStore() {
        return SEVERAL_BLOCKS;
    }

    /** Waits until what was written and can be in the store already is there. */
    protected void settle(String name) throws Exception {}

    /** False of a server that may let two writers have the same name. */
    protected boolean serverDecidesRaces() {
        return true;
    }

    /** False where nobody but its provider can find what an interrupted upload leaves, and the provider removes it. */
    protected boolean leftoversCanBeFound() {
        return true;
    }

    @BeforeEach
    void open() {
        store = connect();
        otherNode = connect();
    }

    @AfterEach
    void close() {
        store.close();
        store.close();
        otherNode.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, SEVERAL_BLOCKS})
    void a_committed_blob_reads_back(int size) throws IOException {
        byte[] bytes = Blobs.random(size);
        long committed = put("set/a.bin", bytes);

        assertThat(committed).isEqualTo(size);
        assertThat(read("set/a.bin", 0)).isEqualTo(bytes);
        assertThat(readFrom(otherNode, "set/a.bin")).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100_000_000})
    void the_expected_size_is_only_a_hint(long hint) throws IOException {
        byte[] bytes = Blobs.random(70_000);
        try (BlobWriter writer = store.create("hinted", OptionalLong.of(hint))) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
        assertThat(read("hinted", 0)).isEqualTo(bytes);
    }

    @Test
    void a_writer_takes_slices_of_arrays_and_keeps_none() throws IOException {
        byte[] bytes = Blobs.random(100_000);
        byte[] reused = new byte[1000];
        try (BlobWriter writer = store.create("slices", OptionalLong.empty())) {
            for (int at = 0; at < bytes.length; at += 500) {
                System.arraycopy(bytes, at, reused, 250, 500);
                writer.write(reused, 250, 500);
            }
            writer.commit();
        }
        assertThat(read("slices", 0)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a b", "a\\b", "ä", "a:b", "a%2fb",
                "a\0b", "a~", "a+b", "*"
            })
    void other_names_are_refused(String name) {
        List<Callable<?>> calls = List.of(
                () -> store.create(name, OptionalLong.empty()),
                () -> store.open(name, 0),
                () -> store.stat(name),
                () -> {
                    store.delete(name);
                    return null;
                });
        for (Callable<?> call : calls) {
            assertThatThrownBy(call::call).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void the_longest_and_oddest_names_work() throws IOException {
        String longest = "x".repeat(200);
        List<String> names = List.of(
                longest + "/" + longest, "-", "...", ".hidden", "_", "a.b-c_D/0", "..a", "a..", ".part-x", "-rf");
        for (String name : names) {
            put(name, name.getBytes());
        }
        for (String name : names) {
            assertThat(read(name, 0)).isEqualTo(name.getBytes());
            assertThat(store.stat(name)).isPresent();
        }
        assertThat(listed("")).containsExactlyInAnyOrderElementsOf(names);
        assertThatThrownBy(() -> store.create("x".repeat(201), OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_name_is_no_directory_of_another() throws IOException {
        put("a", new byte[1]);
        put("b/c", new byte[1]);
        assertFails(ErrorCode.BLOB_EXISTS, () -> put("a/x", new byte[2]));
        assertFails(ErrorCode.BLOB_EXISTS, () -> put("b", new byte[2]));
        assertThat(store.stat("a/x")).isEmpty();
        assertThat(store.stat("b")).isEmpty();
        assertFails(ErrorCode.BLOB_MISSING, () -> store.open("a/x", 0));
        assertFails(ErrorCode.BLOB_MISSING, () -> store.open("b", 0));
        store.delete("a/x");
        store.delete("b");
        assertThat(listed("")).containsExactlyInAnyOrder("a", "b/c");
    }

    @Test
    void nothing_is_visible_before_the_commit() throws IOException {
        byte[] bytes = Blobs.random(SEVERAL_BLOCKS);
        try (BlobWriter writer = store.create("set/db/a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            assertInvisible("set/db/a");
            writer.commit();
            assertThat(store.stat("set/db/a")).isPresent();
            assertThat(store.children("set/")).containsExactly("db");
        }
        assertThat(read("set/db/a", 0)).isEqualTo(bytes);
    }

    @Test
    void closing_without_a_commit_removes_every_trace() throws IOException {
        try (BlobWriter writer = store.create("set/db/a", OptionalLong.empty())) {
            writer.write(new byte[200_000], 0, 200_000);
        }
        assertInvisible("set/db/a");
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
        put("set/db/a", new byte[3]);
        assertThat(read("set/db/a", 0)).hasSize(3);
    }

    @Test
    void closing_twice_and_after_the_commit_changes_nothing() throws IOException {
        BlobWriter writer = store.create("a", OptionalLong.empty());
        writer.write(new byte[5], 0, 5);
        writer.commit();
        writer.close();
        writer.abort();
        writer.close();
        assertThat(read("a", 0)).hasSize(5);
    }

    @Test
    void nothing_can_be_done_with_a_writer_after_its_commit() throws IOException {
        try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
            writer.commit();
            assertThatThrownBy(() -> writer.write(new byte[1], 0, 1)).isInstanceOf(Exception.class);
            assertThatThrownBy(writer::commit).isInstanceOf(Exception.class);
        }
        assertThat(read("a", 0)).isEmpty();
    }

    @Test
    void a_taken_name_is_refused_and_what_is_there_stays() throws IOException {
        byte[] first = Blobs.random(5000);
        put("set/a", first);
        assertFails(ErrorCode.BLOB_EXISTS, () -> put("set/a", Blobs.random(100)));
        assertThat(read("set/a", 0)).isEqualTo(first);
        assertThat(listed("")).containsExactly("set/a");
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
    }

    @Test
    void of_two_writers_that_race_for_a_name_exactly_one_wins() throws Exception {
        BlobStore rival = store.capabilities().atomicCreateOnly() ? otherNode : store;
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 40; round++) {
                String name = "race/" + round;
                CyclicBarrier start = new CyclicBarrier(2);
                List<Future<Boolean>> results = new ArrayList<>();
                for (BlobStore each : List.of(store, rival)) {
                    byte[] bytes = Blobs.random(1000 + results.size());
                    results.add(pool.submit(() -> {
                        start.await(30, TimeUnit.SECONDS);
                        return wins(each, name, bytes);
                    }));
                }
                boolean first = results.get(0).get(60, TimeUnit.SECONDS);
                boolean second = results.get(1).get(60, TimeUnit.SECONDS);
                if (first && second && !serverDecidesRaces()) {
                    continue;
                }
                assertThat(List.of(first, second)).as("exactly one won round %d", round).containsExactlyInAnyOrder(true, false);
                assertThat(read(name, 0)).isEqualTo(Blobs.random(first ? 1000 : 1001));
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
    }

    @Test
    void abort_from_another_thread_fails_every_later_call() throws Exception {
        try (BlobWriter writer = store.create("set/a", OptionalLong.empty())) {
            writer.write(new byte[100_000], 0, 100_000);
            Thread other = new Thread(writer::abort);
            other.start();
            other.join();
            assertFails(ErrorCode.CANCELLED, () -> writer.write(new byte[100_000], 0, 100_000));
            assertFails(ErrorCode.CANCELLED, writer::commit);
        }
        assertInvisible("set/a");
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
    }

    @Test
    void abort_ends_a_writer_that_is_busy() throws Exception {
        BlobWriter writer = store.create("busy", OptionalLong.empty());
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (writer) {
            CyclicBarrier writing = new CyclicBarrier(2);
            Future<?> busy = pool.submit(() -> {
                byte[] block = new byte[64 * 1024];
                writer.write(block, 0, block.length);
                writing.await();
                for (int i = 0; i < 100_000; i++) {
                    writer.write(block, 0, 16);
                }
                return writer.commit();
            });
            writing.await(30, TimeUnit.SECONDS);
            writer.abort();
            assertThatThrownBy(() -> busy.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        } finally {
            pool.shutdownNow();
        }
        assertInvisible("busy");
    }

    @Test
    void a_blob_opens_at_any_offset() throws IOException {
        byte[] bytes = Blobs.random(100_000);
        put("a", bytes);
        for (int offset : new int[] {0, 1, 65_536, 99_999, 100_000, 200_000}) {
            byte[] expected = offset > bytes.length ? new byte[0]
                    : java.util.Arrays.copyOfRange(bytes, offset, bytes.length);
            assertThat(read("a", offset)).as("from %d", offset).isEqualTo(expected);
        }
    }

    @Test
    void a_missing_blob_is_named() {
        assertFails(ErrorCode.BLOB_MISSING, () -> store.open("set/gone", 0));
        assertThatThrownBy(() -> store.open("set/gone", 0)).hasMessageContaining("set/gone");
        assertThat(store.stat("set/gone")).isEmpty();
    }

    @Test
    void stat_tells_name_size_and_time_of_a_blob() throws IOException {
        put("set/db/a", new byte[1234]);
        BlobInfo info = store.stat("set/db/a").orElseThrow();
        assertThat(info.name()).isEqualTo("set/db/a");
        assertThat(info.bytes()).isEqualTo(1234);
        assertThat(info.committedAt()).isCloseTo(Instant.now(), within(5, ChronoUnit.MINUTES));
        assertThat(store.stat("set/db")).isEmpty();
    }

    @Test
    void list_finds_the_blobs_below_a_prefix_and_no_others() throws IOException {
        for (String name : List.of("a/b/1", "a/b/2", "a/b/c/3", "a/bc/4", "a/5", "b/6", "7")) {
            put(name, new byte[name.length()]);
        }
        assertThat(listed("a/b/")).containsExactlyInAnyOrder("a/b/1", "a/b/2", "a/b/c/3");
        assertThat(listed("a/")).containsExactlyInAnyOrder("a/b/1", "a/b/2", "a/b/c/3", "a/bc/4", "a/5");
        assertThat(listed("")).hasSize(7);
        assertThat(listed("none/")).isEmpty();
        assertThat(listed("7/")).isEmpty();
        store.list("a/b/", info -> assertThat(store.stat(info.name())).contains(info));
    }

    @Test
    void list_shows_each_of_many_blobs_once() throws IOException {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 300; i++) {
            names.add("many/" + i % 7 + "/" + i);
        }
        for (String name : names) {
            put(name, new byte[1]);
        }
        assertThat(listed("many/")).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void children_are_the_next_segments_sorted() throws IOException {
        for (String name : List.of("s/b/1", "s/a/1", "s/a/2", "s/manifest.json", "s/B", "t/x")) {
            put(name, new byte[1]);
        }
        assertThat(store.children("s/")).containsExactly("B", "a", "b", "manifest.json");
        assertThat(store.children("")).containsExactly("s", "t");
        assertThat(store.children("s/a/")).containsExactly("1", "2");
        assertThat(store.children("none/")).isEmpty();
        assertThat(store.children("s/manifest.json/")).isEmpty();
    }

    @Test
    void a_prefix_ends_with_a_slash() {
        for (String prefix : List.of("a", "/", "../", "a/../", "a//")) {
            assertThatThrownBy(() -> listed(prefix)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.children(prefix)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.sweepLeftovers(prefix, Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void delete_removes_just_that_blob_and_a_missing_one_is_success() throws IOException {
        put("s/a/1", new byte[1]);
        put("s/a/2", new byte[1]);
        store.delete("s/a/1");
        store.delete("s/a/1");
        store.delete("never/was");
        assertInvisible("s/a/1");
        assertThat(listed("")).containsExactly("s/a/2");
        store.delete("s/a/2");
        assertThat(store.children("")).isEmpty();
    }

    @Test
    void leftovers_of_a_killed_upload_go_once_they_are_old_enough() throws Exception {
        put("s/kept", new byte[10]);
        BlobWriter killed = otherNode.create("s/a", OptionalLong.empty());
        killed.write(Blobs.random(bytesThatReachTheStore()), 0, bytesThatReachTheStore());
        settle("s/a");

        assertThat(store.sweepLeftovers("", Duration.ofHours(1))).as("too young").isZero();
        assertThat(store.sweepLeftovers("t/", Duration.ZERO)).as("elsewhere").isZero();
        if (!leftoversCanBeFound()) {
            assertThat(store.sweepLeftovers("", Duration.ZERO)).isZero();
            killed.close();
            assertThat(listed("")).containsExactly("s/kept");
            return;
        }
        assertThat(store.sweepLeftovers("s/", Duration.ZERO)).as("bytes freed").isPositive();
        assertThat(store.sweepLeftovers("", Duration.ZERO)).as("a second time").isZero();

        assertThatThrownBy(killed::commit).isInstanceOf(Exception.class);
        assertInvisible("s/a");
        assertThat(listed("")).containsExactly("s/kept");
        killed.close();
    }

    @Test
    void an_upload_of_a_killed_process_goes_on_where_the_store_says_or_not_at_all() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        BlobWriter killed = otherNode.create("s/a", OptionalLong.of(bytes.length));
        killed.write(bytes, 0, bytes.length);
        settle("s/a");
        Optional<String> token = killed.resumeToken();
        assertThat(token.isPresent()).isEqualTo(store.capabilities().resumableUploads());
        if (token.isEmpty()) {
            killed.close();
            return;
        }
        ResumedUpload resumed = store.resume("s/a", token.get()).orElseThrow();
        int stored = Math.toIntExact(resumed.storedBytes());
        assertThat(stored).isBetween(0, bytes.length);
        try (BlobWriter writer = resumed.writer()) {
            assertThat(writer.resumeToken()).isEqualTo(token);
            store.sweepLeftovers("", Duration.ZERO);
            writer.write(bytes, stored, bytes.length - stored);
            assertInvisible("s/a");
            assertThat(writer.commit()).isEqualTo(bytes.length);
        }
        assertThat(read("s/a", 0)).isEqualTo(bytes);
        try (killed) {
            killed.commit();
        } catch (Exception e) {
            // whatever the process says that was thought dead: the blob is complete and stays
        }
        assertThat(read("s/a", 0)).isEqualTo(bytes);
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
        assertFails(ErrorCode.BLOB_EXISTS, () -> store.resume("s/a", token.get()));
    }

    @Test
    void closing_a_resumed_upload_removes_every_trace_and_what_is_gone_cannot_be_resumed() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        BlobWriter killed = otherNode.create("s/a", OptionalLong.empty());
        killed.write(bytes, 0, bytes.length);
        settle("s/a");
        Optional<String> token = killed.resumeToken();
        if (token.isPresent()) {
            store.resume("s/a", token.get()).orElseThrow().writer().close();
            assertInvisible("s/a");
            assertThat(store.resume("s/a", token.get())).isEmpty();
        }
        killed.close();
        assertThat(store.resume("s/a", "no token of anybody")).isEmpty();
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
    }

    @Test
    void a_sweep_spares_this_object_s_own_uploads() throws IOException {
        byte[] bytes = Blobs.random(SEVERAL_BLOCKS);
        try (BlobWriter writer = store.create("s/a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            store.sweepLeftovers("", Duration.ZERO);
            writer.commit();
        }
        assertThat(read("s/a", 0)).isEqualTo(bytes);
    }

    @Test
    void uploads_and_deletions_in_one_directory_do_not_disturb_each_other() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        Set<String> kept = new ConcurrentSkipListSet<>();
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int worker = 0; worker < 4; worker++) {
                int number = worker;
                workers.add(pool.submit(() -> {
                    for (int i = 0; i < 40; i++) {
                        String name = "shared/dir/" + number + "-" + i;
                        put(name, Blobs.random(100 + i));
                        if (i % 10 == 9) {
                            kept.add(name);
                        } else {
                            store.delete(name);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(120, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(listed("")).containsExactlyInAnyOrderElementsOf(kept);
    }

    @Test
    void free_bytes_are_known_exactly_if_the_store_says_so() {
        OptionalLong free = store.freeBytes();
        assertThat(free.isPresent()).isEqualTo(store.capabilities().knowsFreeSpace());
        free.ifPresent(bytes -> assertThat(bytes).isPositive());
    }

    @Test
    void a_probe_of_a_usable_store_succeeds_and_leaves_nothing() {
        assertThatCode(store::probe).doesNotThrowAnyException();
        assertThat(listed("")).isEmpty();
        assertThat(otherNode.sweepLeftovers("", Duration.ZERO)).isZero();
    }

    protected final long put(String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.of(bytes.length))) {
            writer.write(bytes, 0, bytes.length);
            return writer.commit();
        }
    }

    protected final byte[] read(String name, long offset) throws IOException {
        try (InputStream in = store.open(name, offset)) {
            return in.readAllBytes();
        }
    }

    protected final List<String> listed(String prefix) {
        List<String> names = new ArrayList<>();
        store.list(prefix, info -> names.add(info.name()));
        return names;
    }

    protected static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static byte[] readFrom(BlobStore store, String name) throws IOException {
        try (InputStream in = store.open(name, 0)) {
            return in.readAllBytes();
        }
    }

    private static boolean wins(BlobStore store, String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
            return true;
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_EXISTS) {
                throw e;
            }
            return false;
        }
    }

    private void assertInvisible(String name) {
        for (BlobStore each : List.of(store, otherNode)) {
            assertThat(each.stat(name)).isEmpty();
            assertFails(ErrorCode.BLOB_MISSING, () -> each.open(name, 0));
            int slash = name.lastIndexOf('/');
            assertThat(each.children(name.substring(0, slash + 1))).doesNotContain(name.substring(slash + 1));
            each.list("", info -> assertThat(info.name()).isNotEqualTo(name));
        }
    }
}
