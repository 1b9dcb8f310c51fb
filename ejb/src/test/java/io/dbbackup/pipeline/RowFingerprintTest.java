package io.dbbackup.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Fingerprint;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowFingerprintTest {
    /** What {@code printf … | xxhsum -H2} of xxHash 0.8.1 prints. */
    @ParameterizedTest
    @CsvSource({
        "0,99aa06d3014798d86001c324468d497f",
        "1,22bbb76b211a39ba13e608bc156defed",
        "3,ce31763cbf8245a5a9088dda485b481c",
        "4,47197970590746b1788a609154b0fe20",
        "8,e3bc8a5f461715553cd024e3d63a1588",
        "9,c72c88247a9a56d7eafab1c7f123109f",
        "16,ce0b9647ab24f88460d75c5e47d40a24",
        "17,bfd327edcc2fbd12eeed7654312a26d7",
        "128,1b1962a096bac78bc580008b6c92ac53",
        "129,293e4968c4619023bd91ce7ace4d385b",
        "240,ad46c1021b076bc704e0b5f034bee80b",
        "241,ac6c3492c3d6b45d8beadd3a8874fe17",
        "1023,dedd3c0d6bceed34d26986a0b85dcc44",
        "1024,18bc0eaca9a336369b81661c641c72b1",
        "1025,bf447251cfa98d7c806c2072ed713576",
        "2048,f81f6e8f418d8075abe604813ba62ed1"
    })
    void a_row_s_hash_is_what_xxhsum_prints(int length, String canonical) {
        byte[] row = new byte[length];
        for (int i = 0; i < length; i++) {
            row[i] = (byte) (i * 7 + 3);
        }
        RowHash hash = new RowHash();
        hash.add(row, 0, length);
        assertThat(hash.fingerprint()).hasToString("xxh3-128-sum:1:" + canonical);
    }

    /** The sum of {@code xxhsum -H2} over rows of every length from 0 to 2100 bytes. */
    @Test
    void every_length_hashes_as_the_reference_does() {
        RowHash hash = new RowHash();
        for (int length = 0; length <= 2100; length++) {
            byte[] row = new byte[length + 5];
            for (int i = 0; i < length; i++) {
                row[i + 5] = (byte) (i * 7 + 3);
            }
            hash.add(row, 5, length);
        }
        assertThat(hash.fingerprint()).hasToString("xxh3-128-sum:2101:afd4ec83e5d76fe5ca8299113933ae67");
    }

    @Test
    void rows_add_up_as_128_bit_numbers() {
        BigInteger sum = BigInteger.ZERO;
        RowHash all = new RowHash();
        for (int i = 0; i < 1000; i++) {
            byte[] row = ("row " + i).getBytes(StandardCharsets.UTF_8);
            RowHash one = new RowHash();
            one.add(row, 0, row.length);
            sum = sum.add(new BigInteger(one.fingerprint().toString().split(":")[2], 16));
            all.add(row, 0, row.length);
        }
        String expected = "%032x".formatted(sum.mod(BigInteger.TWO.pow(128)));
        assertThat(all.fingerprint()).hasToString("xxh3-128-sum:1000:" + expected);
    }

    @Test
    void neither_the_order_of_rows_nor_a_split_into_parts_matters() {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            List<String> rows = new ArrayList<>();
            for (int i = random.nextInt(60); i >= 0; i--) {
                rows.add("r" + random.nextInt(30) + "x".repeat(random.nextInt(40)));
            }
            Fingerprint whole = fingerprint(rows);
            Collections.shuffle(rows, random);
            int cut = random.nextInt(rows.size() + 1);
            Fingerprint parts =
                    fingerprint(rows.subList(0, cut)).plus(fingerprint(rows.subList(cut, rows.size())));
            assertThat(fingerprint(rows)).isEqualTo(whole);
            assertThat(parts).isEqualTo(whole);
        }
    }

    @Test
    void a_changed_a_missing_and_a_doubled_row_show() {
        Fingerprint rows = fingerprint(List.of("a", "b", "c"));
        assertThat(fingerprint(List.of("a", "b", "d"))).isNotEqualTo(rows);
        assertThat(fingerprint(List.of("a", "b"))).isNotEqualTo(rows);
        assertThat(fingerprint(List.of("a", "b", "c", "c"))).isNotEqualTo(rows);
        assertThat(fingerprint(List.of("ab", "c"))).isNotEqualTo(fingerprint(List.of("a", "bc")));
    }

    @Test
    void block_boundaries_do_not_matter() {
        byte[] text = (new String(Blobs.text(5000), StandardCharsets.US_ASCII) + "\n\n\n" + "y".repeat(300_000) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        Fingerprint expected = naive(text);
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            LineRows rows = new LineRows();
            int largest = 1 + random.nextInt(round < 50 ? 20 : 5000);
            for (int at = 0; at < text.length; ) {
                int length = Math.min(random.nextInt(largest + 1), text.length - at);
                byte[] block = new byte[length + 9];
                System.arraycopy(text, at, block, 9, length);
                rows.accept(block, 9, length);
                at += length;
            }
            assertThat(rows.result()).isEqualTo(expected);
            assertThat(rows.result()).as("asked again").isEqualTo(expected);
        }
    }

    @Test
    void no_bytes_are_no_rows_and_an_empty_line_is_a_row_without_columns() {
        assertThat(new LineRows().result()).isEqualTo(Fingerprint.EMPTY);
        assertThat(fingerprint(List.of("")).rows()).isEqualTo(1);
    }

    @Test
    void data_that_ends_inside_a_row_is_refused() {
        LineRows rows = new LineRows();
        byte[] data = "one\ntwo".getBytes(StandardCharsets.US_ASCII);
        rows.accept(data, 0, data.length);
        assertThatThrownBy(rows::result)
                .hasMessage("BLOB_UNDECODABLE: the data ends inside a row, behind the last line feed\n"
                        + "HINT: The data is truncated or not in text COPY format; use another backup set.");
    }

    private static Fingerprint fingerprint(List<String> rows) {
        LineRows scanner = new LineRows();
        for (String row : rows) {
            byte[] line = (row + "\n").getBytes(StandardCharsets.US_ASCII);
            scanner.accept(line, 0, line.length);
        }
        return scanner.result();
    }

    private static Fingerprint naive(byte[] text) {
        RowHash hash = new RowHash();
        int start = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                hash.add(text, start, i - start);
                start = i + 1;
            }
        }
        return hash.fingerprint();
    }
}
