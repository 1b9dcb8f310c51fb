package io.dbbackup.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodecsTest {
    @TempDir
    Path temp;

    static Stream<Arguments> codecsAndSizes() {
        return Codecs.names().stream()
                .flatMap(name -> Stream.of(
                                0, 1, 255, 262_143, 262_144, 262_145, TransferPipeline.BLOCK, TransferPipeline.BLOCK + 1, 5 * 1024 * 1024)
                        .map(size -> Arguments.of(name, size)));
    }

    static Stream<Arguments> compressorsAndSizes() {
        return codecsAndSizes().filter(arguments -> !arguments.get()[0].equals("none"));
    }

    static Stream<Arguments> compressorsAndSmallSizes() {
        return compressorsAndSizes().filter(arguments -> (int) arguments.get()[1] < 1000);
    }

    @ParameterizedTest
    @MethodSource("codecsAndSizes")
    void what_is_stored_decodes_to_what_was_read(String codec, int size) throws IOException {
        byte[] plain = Blobs.random(size);
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();

        BlobRef receipt = store(codec, OptionalInt.empty(), plain, writer);

        assertThat(receipt.plainBytes()).isEqualTo(size);
        assertThat(receipt.plainXxh128()).isEqualTo(Xxh128Probe.of(plain));
        assertThat(receipt.storedBytes()).isEqualTo(writer.bytes().length);
        assertThat(receipt.storedSha256()).isEqualTo(Sha256Probe.of(writer.bytes()));
        assertThat(decode(receipt.stages(), writer.bytes())).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({"zstd,-7", "zstd,19", "gzip,1", "gzip,9", "lz4,1", "lz4,12"})
    void every_level_decodes(String codec, int level) throws IOException {
        byte[] plain = "1\tone\t2026-11-20\n".repeat(40_000).getBytes();
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();

        BlobRef receipt = store(codec, OptionalInt.of(level), plain, writer);

        assertThat(receipt.stages()).containsExactly(
                new StageDescriptor(codec, Map.of("level", Integer.toString(level))));
        assertThat(receipt.storedBytes()).isLessThan(plain.length);
        assertThat(decode(receipt.stages(), writer.bytes())).isEqualTo(plain);
    }

    @ParameterizedTest
    @MethodSource("compressorsAndSizes")
    void the_command_line_tool_of_the_format_opens_it(String codec, int size) throws Exception {
        assumeTrue(onPath(codec), codec + " is not installed");
        byte[] plain = Blobs.text(size);
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();
        store(codec, OptionalInt.empty(), plain, writer);
        Path stored = Files.write(temp.resolve("blob" + Codecs.byName(codec).suffix()), writer.bytes());
        Path opened = temp.resolve("opened");

        Process tool = new ProcessBuilder(codec, "-dc", stored.toString())
                .redirectOutput(opened.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        assertThat(tool.waitFor()).isZero();
        assertThat(Files.readAllBytes(opened)).isEqualTo(plain);
    }

    @ParameterizedTest
    @MethodSource("compressorsAndSmallSizes")
    void a_truncated_stream_never_ends_well(String codec, int size) throws IOException {
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();
        BlobRef receipt = store(codec, OptionalInt.empty(), Blobs.random(size), writer);
        for (int cut = 1; cut < writer.bytes().length; cut++) {
            byte[] truncated = java.util.Arrays.copyOf(writer.bytes(), cut);
            assertThatThrownBy(() -> decode(receipt.stages(), truncated))
                    .as("cut at %d", cut)
                    .isInstanceOfAny(IOException.class, RuntimeException.class);
        }
    }

    @Test
    void a_zstd_frame_carries_a_content_checksum() throws IOException {
        Blobs.MemoryWriter writer = new Blobs.MemoryWriter();
        store("zstd", OptionalInt.empty(), Blobs.text(1000), writer);
        assertThat(writer.bytes()[4] & 0b100).as("Content_Checksum_flag of the frame header").isNotZero();
    }

    @Test
    void an_unknown_stage_is_named() {
        StageDescriptor stage = new StageDescriptor("rot13", Map.of());
        assertThatThrownBy(() -> decode(List.of(stage), new byte[1]))
                .isInstanceOf(BackupException.class)
                .hasMessage("BLOB_UNDECODABLE: the manifest names a stage \"rot13\" that this version does not know\n"
                        + "HINT: Use a newer version of dbbackup, or undo the stage with the tool that it names.");
    }

    @Test
    void too_many_stages_are_refused() {
        List<StageDescriptor> stages = Collections.nCopies(5, new StageDescriptor("gzip", Map.of()));
        assertThatThrownBy(() -> decode(stages, new byte[1]))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BLOB_UNDECODABLE));
    }

    @Test
    void an_unknown_codec_or_level_is_a_configuration_error() {
        assertThatThrownBy(() -> Codecs.byName("zip"))
                .hasMessage("INVALID_CONFIGURATION: there is no codec named \"zip\"\n"
                        + "HINT: Use one of zstd, gzip, lz4, none.");
        assertThatThrownBy(() -> Codecs.byName("gzip").transforms(OptionalInt.of(10)))
                .hasMessage("INVALID_CONFIGURATION: the codec gzip has no level 10\n"
                        + "HINT: Choose a level from 1 to 9, or none for 6.");
    }

    private static BlobRef store(String codec, OptionalInt level, byte[] plain, Blobs.MemoryWriter writer)
            throws IOException {
        return new TransferPipeline(Codecs.byName(codec).transforms(level))
                .transfer("blob", Blobs.source(plain), List.of(), writer, TransferMonitor.NONE);
    }

    private static byte[] decode(List<StageDescriptor> stages, byte[] stored) throws IOException {
        try (InputStream plain = Codecs.decode(stages, new ByteArrayInputStream(stored))) {
            return plain.readAllBytes();
        }
    }

    private static boolean onPath(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }
}
