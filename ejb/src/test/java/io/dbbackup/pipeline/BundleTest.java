package io.dbbackup.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.Bundle.Member;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
    @TempDir
    Path temp;

    @Test
    void what_is_too_large_for_a_member_is_left_out_and_read_to_its_end_all_the_same() throws IOException {
        byte[] largest = new byte[Bundle.MAX_MEMBER_BYTES];
        assertThat(Bundle.bytes(new ByteArrayInputStream(largest))).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(largest));
        ByteArrayInputStream larger = new ByteArrayInputStream(new byte[Bundle.MAX_MEMBER_BYTES + 100_000]);
        assertThat(Bundle.bytes(larger)).isEmpty();
        assertThat(larger.available()).isZero();
    }

    @Test
    void members_come_back_in_order_with_their_bytes() throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("empty.copy", new byte[0]);
        members.put("a/b.copy", Blobs.text(511));
        members.put("c.copy", Blobs.random(512));
        members.put("long-" + "x".repeat(180) + ".copy", Blobs.random(513));
        members.put("large.copy", Blobs.random(Bundle.MAX_MEMBER_BYTES));

        Map<String, byte[]> found = read(tar(members));

        assertThat(found.keySet()).containsExactlyElementsOf(members.keySet());
        members.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void a_bundle_without_members_is_readable() throws IOException {
        assertThat(read(tar(Map.of()))).isEmpty();
    }

    @Test
    void the_tar_tool_opens_it_without_a_complaint() throws Exception {
        Map<String, byte[]> members = new LinkedHashMap<>();
        IntStream.range(0, 50).forEach(i -> members.put("t" + i + ".copy", Blobs.text(i * 100)));
        members.put("long-" + "y".repeat(150) + ".copy", Blobs.text(99));
        Path archive = Files.write(temp.resolve("bundle.tar"), tar(members));
        Path out = Files.createDirectory(temp.resolve("out"));

        Process tar = new ProcessBuilder("tar", "-xf", archive.toString(), "-C", out.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(tar.waitFor()).isZero();
        assertThat(said).isEmpty();
        for (Map.Entry<String, byte[]> member : members.entrySet()) {
            assertThat(Files.readAllBytes(out.resolve(member.getKey()))).isEqualTo(member.getValue());
        }
    }

    @Test
    void equal_members_give_equal_bytes() throws IOException {
        assertThat(tar(Map.of("a", Blobs.text(10)))).isEqualTo(tar(Map.of("a", Blobs.text(10))));
    }

    @Test
    void a_member_that_fails_ends_the_transfer_and_closes_the_iterator() {
        FailingMembers members = new FailingMembers();
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();

        assertThatThrownBy(() -> new TransferPipeline(List.of())
                        .transfer("bundle.tar", Bundle.of(members), List.of(), writer, TransferMonitor.NONE))
                .hasMessageStartingWith("DATABASE_STATEMENT_FAILED: the second table is gone");

        assertThat(writer.committed()).isFalse();
        assertThat(members.closed).isTrue();
    }

    @Test
    void a_member_beyond_the_limits_is_not_written() {
        for (Member member : List.of(
                new Member("big.copy", new byte[Bundle.MAX_MEMBER_BYTES + 1]),
                new Member("../up.copy", new byte[0]),
                new Member("a//b", new byte[0]),
                new Member("/a", new byte[0]),
                new Member("ä", new byte[0]))) {
            assertThatThrownBy(() -> Bundle.of(List.of(member).iterator()).stream().readAllBytes())
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                    .hasMessageContaining(member.name());
        }
    }

    @Test
    void what_no_writer_makes_is_refused() throws IOException {
        assertRefused("../../etc/passwd", TarConstants.LF_NORMAL, 0, "has an illegal name");
        assertRefused("a/./b", TarConstants.LF_NORMAL, 0, "has an illegal name");
        assertRefused("link", TarConstants.LF_SYMLINK, 0, "is not a regular file");
        assertRefused("dir/", TarConstants.LF_DIR, 0, "is not a regular file");
        assertRefused("huge", TarConstants.LF_NORMAL, Bundle.MAX_MEMBER_BYTES + 1, "more than the 8388608 allowed");
    }

    @Test
    void a_name_that_occurs_twice_is_refused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < 2; i++) {
                tar.putArchiveEntry(new TarArchiveEntry("twin"));
                tar.closeArchiveEntry();
            }
        }
        assertThatThrownBy(() -> read(bytes.toByteArray())).hasMessageContaining("\"twin\" occurs twice");
    }

    @Test
    void a_truncated_bundle_is_refused() throws IOException {
        byte[] tar = tar(Map.of("a", Blobs.random(5000)));
        assertThatThrownBy(() -> read(java.util.Arrays.copyOf(tar, 3000)))
                .hasMessageStartingWith("BLOB_UNDECODABLE: a bundle is not a readable tar archive");
    }

    private static void assertRefused(String name, byte type, int size, String why) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
            entry.setSize(size);
            tar.putArchiveEntry(entry);
            tar.write(new byte[size]);
            tar.closeArchiveEntry();
        }
        assertThatThrownBy(() -> read(bytes.toByteArray()))
                .hasMessageStartingWith("BLOB_UNDECODABLE: the bundle's member")
                .hasMessageContaining(why);
    }

    private static byte[] tar(Map<String, byte[]> members) throws IOException {
        Iterator<Member> iterator = members.entrySet().stream()
                .map(member -> new Member(member.getKey(), member.getValue()))
                .iterator();
        try (ByteSource source = Bundle.of(iterator)) {
            byte[] bytes = source.stream().readAllBytes();
            source.awaitSuccess();
            return bytes;
        }
    }

    private static Map<String, byte[]> read(byte[] tar) {
        Map<String, byte[]> members = new LinkedHashMap<>();
        Bundle.read(new ByteArrayInputStream(tar), (name, bytes) -> {
            try {
                members.put(name, bytes.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return members;
    }

    /** Fails at its second member, as a COPY may. */
    private static final class FailingMembers implements Iterator<Member>, AutoCloseable {
        private boolean first = true;
        private boolean closed;

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Member next() {
            if (first) {
                first = false;
                return new Member("first", new byte[100]);
            }
            throw new BackupException(ErrorCode.DATABASE_STATEMENT_FAILED, "the second table is gone", "Look.");
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
