package io.dbbackup.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.NotAuthenticException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layout has an independent witness, Tink; everything that is not exactly what was written is refused. */
class SegmentsTest {
    private static final int FIRST = Segments.SEGMENT - Segments.HEADER - Segments.TAG;
    private static final int FULL = Segments.SEGMENT - Segments.TAG;
    private static final byte[] KEY = random(32, 1);
    private static final byte[] NAME = "set and blob".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + FULL - 1, FIRST + FULL, FIRST + FULL + 1, 1_000_000})
    void tink_decrypts_what_we_encrypt_and_we_what_tink_encrypts(int size) throws Exception {
        byte[] plain = random(size, 2);
        byte[] ours = encrypt(plain);

        assertThat(tink().newDecryptingStream(new ByteArrayInputStream(ours), NAME).readAllBytes()).isEqualTo(plain);
        assertThat(decrypt(ours)).isEqualTo(plain);

        ByteArrayOutputStream theirs = new ByteArrayOutputStream();
        try (OutputStream out = tink().newEncryptingStream(theirs, NAME)) {
            out.write(plain);
        }
        assertThat(theirs.size()).isEqualTo(ours.length);
        assertThat(decrypt(theirs.toByteArray())).isEqualTo(plain);
    }

    @Test
    void the_pieces_that_bytes_arrive_in_make_no_difference() throws Exception {
        byte[] plain = random(300_000, 3);
        Random random = new Random(4);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream out = EncryptingStream.begin(stored, KEY, NAME)) {
            for (int from = 0; from < plain.length; ) {
                int length = Math.min(plain.length - from, random.nextInt(80_000));
                out.write(plain, from, length);
                from += length;
            }
        }
        assertThat(decrypt(stored.toByteArray())).isEqualTo(plain);
    }

    @Test
    void every_stream_has_a_key_of_its_own() throws Exception {
        assertThat(encrypt(new byte[100])).isNotEqualTo(encrypt(new byte[100]));
    }

    @Test
    void a_stream_that_ends_between_segments_is_truncated() throws Exception {
        byte[] stored = encrypt(random(300_000, 5));
        for (int segments = 1; segments < 4; segments++) {
            assertThat(failure(Arrays.copyOf(stored, segments * Segments.SEGMENT))).isEqualTo(ErrorCode.BLOB_TRUNCATED);
        }
        assertThat(failure(Arrays.copyOf(stored, 10))).isEqualTo(ErrorCode.BLOB_TRUNCATED);
        assertThat(failure(Arrays.copyOf(stored, Segments.HEADER))).isEqualTo(ErrorCode.BLOB_TRUNCATED);
        assertThat(failure(new byte[0])).isEqualTo(ErrorCode.BLOB_TRUNCATED);
    }

    @Test
    void swapped_and_repeated_segments_are_not_authentic() throws Exception {
        byte[] stored = encrypt(random(300_000, 6));
        byte[] swapped = stored.clone();
        System.arraycopy(stored, Segments.SEGMENT, swapped, 2 * Segments.SEGMENT, Segments.SEGMENT);
        System.arraycopy(stored, 2 * Segments.SEGMENT, swapped, Segments.SEGMENT, Segments.SEGMENT);
        assertThat(failure(swapped)).isEqualTo(ErrorCode.BLOB_NOT_AUTHENTIC);

        byte[] repeated = stored.clone();
        System.arraycopy(stored, Segments.SEGMENT, repeated, 2 * Segments.SEGMENT, Segments.SEGMENT);
        assertThat(failure(repeated)).isEqualTo(ErrorCode.BLOB_NOT_AUTHENTIC);

        byte[] longer = Arrays.copyOf(stored, stored.length + 1);
        assertThat(failure(longer)).isEqualTo(ErrorCode.BLOB_NOT_AUTHENTIC);
    }

    @Test
    void another_key_or_another_blob_is_not_authentic() throws Exception {
        byte[] stored = encrypt(random(1000, 7));
        assertThatThrownBy(() -> DecryptingStream.open(new ByteArrayInputStream(stored), random(32, 8), NAME).read())
                .isInstanceOf(NotAuthenticException.class);
        assertThatThrownBy(() -> DecryptingStream.open(
                                new ByteArrayInputStream(stored), KEY, "another".getBytes(StandardCharsets.UTF_8))
                        .read())
                .isInstanceOf(NotAuthenticException.class);
    }

    @Test
    void whatever_is_changed_no_byte_is_given_away_that_was_not_written_and_the_end_is_never_reached() throws Exception {
        byte[] plain = random(200_000, 9);
        byte[] stored = encrypt(plain);
        Random random = new Random(10);
        for (int round = 0; round < 300; round++) {
            byte[] changed = round % 3 == 0 ? Arrays.copyOf(stored, random.nextInt(stored.length)) : stored.clone();
            if (round % 3 != 0) {
                // the header in every third round
                int at = random.nextInt(round % 3 == 1 ? Segments.HEADER : stored.length);
                changed[at] ^= (byte) (1 << random.nextInt(8));
            }
            ByteArrayOutputStream given = new ByteArrayOutputStream();
            try (InputStream in = DecryptingStream.open(new ByteArrayInputStream(changed), KEY, NAME)) {
                byte[] buffer = new byte[10_000];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    given.write(buffer, 0, read);
                }
                fail("round " + round + " was read to its end");
            } catch (NotAuthenticException e) {
                assertThat(e.code()).isIn(ErrorCode.BLOB_NOT_AUTHENTIC, ErrorCode.BLOB_TRUNCATED);
            }
            assertThat(Arrays.mismatch(given.toByteArray(), plain)).isIn(given.size(), -1);
        }
    }

    @Test
    void a_stream_that_failed_goes_on_failing() throws Exception {
        byte[] stored = encrypt(random(1000, 11));
        stored[100] ^= 1;
        InputStream in = DecryptingStream.open(new ByteArrayInputStream(stored), KEY, NAME);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(in::read).isInstanceOf(NotAuthenticException.class);
        }
    }

    /** Published in docs/repository-format.md, section 10.6. */
    @Test
    void the_published_vector_comes_out_step_by_step() throws Exception {
        byte[] secret = new byte[32];
        byte[] salt = new byte[32];
        byte[] prefix = new byte[7];
        for (int i = 0; i < 32; i++) {
            secret[i] = (byte) i;
            salt[i] = (byte) (0x40 + i);
            prefix[i % 7] = (byte) (0x60 + i % 7);
        }
        SetKey key = SetKey.of(secret);
        String set = "20261120T233200.123Z_p0100_7f3a9c21";
        String blob = "databases/0001-shop/data/t-1-0001.copy.enc";
        byte[] context = SetKey.associatedData(set, blob);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream out = EncryptingStream.begin(stored, key.dataKey(blob), context, salt, prefix)) {
            out.write("1\tone\n".getBytes(StandardCharsets.UTF_8));
        }
        String vector = "set key      " + Wrapping.hex(secret)
                + "\nkey id       " + key.id()
                + "\nset id       " + set
                + "\nblob         " + blob
                + "\nscope        " + SetKey.scope(blob)
                + "\ndata key     " + Wrapping.hex(key.dataKey(blob))
                + "\nsalt         " + Wrapping.hex(salt)
                + "\nprefix       " + Wrapping.hex(prefix)
                + "\nblob key     " + Wrapping.hex(Hkdf.derive(key.dataKey(blob), salt, context, 32))
                + "\nplain bytes  " + "31096f6e650a"
                + "\nstored bytes " + Wrapping.hex(stored.toByteArray());
        assertThat(Files.readString(Path.of("..", "docs", "repository-format.md"))).contains(vector);

        AesGcmHkdfStreaming tink = new AesGcmHkdfStreaming(key.dataKey(blob), "HmacSha256", 32, Segments.SEGMENT, 0);
        assertThat(tink.newDecryptingStream(new ByteArrayInputStream(stored.toByteArray()), context).readAllBytes())
                .isEqualTo("1\tone\n".getBytes(StandardCharsets.UTF_8));
    }

    private static AesGcmHkdfStreaming tink() throws Exception {
        return new AesGcmHkdfStreaming(KEY, "HmacSha256", 32, Segments.SEGMENT, 0);
    }

    private static ErrorCode failure(byte[] stored) throws IOException {
        try {
            decrypt(stored);
            return fail("was decrypted");
        } catch (NotAuthenticException e) {
            return e.code();
        }
    }

    private static byte[] encrypt(byte[] plain) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream out = EncryptingStream.begin(stored, KEY, NAME)) {
            out.write(plain);
        }
        return stored.toByteArray();
    }

    private static byte[] decrypt(byte[] stored) throws IOException {
        try (InputStream in = DecryptingStream.open(new ByteArrayInputStream(stored), KEY, NAME)) {
            return in.readAllBytes();
        }
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
