package io.dbbackup.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A set's key comes out for everybody it was wrapped for, and for nobody else, whatever a header says. */
class EnvelopeTest {
    private static final String SET = "20261120T233200.123Z_p0100_7f3a9c21";
    private static final String PHRASE = "correct horse battery staple";
    private static final SetKey KEY = SetKey.random();

    @TempDir
    private static Path directory;

    private static WrappingKey file;
    private static WrappingKey phrase;
    private static WrappingKey x25519;
    private static WrappingKey rsa;
    private static KeySection wrapped;

    @BeforeAll
    static void wrap() {
        file = KeyFiles.keyFile("office", TestKeys.keyFile(directory.resolve("office.key"), 1));
        phrase = new PassphraseKey("owner", PHRASE);
        TestKeys.pair(directory, "offsite", "x25519");
        TestKeys.pair(directory, "hsm", "rsa");
        x25519 = pair("offsite", "x25519", true);
        rsa = pair("hsm", "rsa", true);
        // the public halves wrap, as on a machine that cannot read its own backups
        wrapped = Envelope.wrap(
                KEY, SET, List.of(file, phrase, pair("offsite", "x25519", false), pair("hsm", "rsa", false)));
    }

    @Test
    void every_recipient_opens_it_alone_also_after_a_way_through_json() {
        KeySection read = Json.read(Json.write(wrapped), KeySection.class);
        for (WrappingKey key : List.of(file, phrase, x25519, rsa)) {
            assertThat(Envelope.open(read, SET, bunch(key))).as(key.id()).contains(KEY);
        }
        assertThat(Json.write(wrapped)).doesNotContain(Wrapping.hex(KEY.secret()));
    }

    @Test
    void a_passphrase_opens_it_under_any_name() {
        assertThat(Envelope.open(wrapped, SET, bunch(new PassphraseKey("another-name", PHRASE)))).contains(KEY);
    }

    @Test
    void nobody_else_opens_it() {
        WrappingKey stranger = KeyFiles.keyFile("office", TestKeys.keyFile(directory.resolve("other.key"), 2));
        assertThat(Envelope.open(wrapped, SET, bunch(stranger))).isEmpty();
        assertThat(Envelope.open(wrapped, SET, KeyBunch.EMPTY)).isEmpty();
        assertThat(Envelope.open(wrapped, SET, bunch(pair("offsite", "x25519", false)))).isEmpty();
        assertCode(ErrorCode.KEY_WRONG, bunch(new PassphraseKey("owner", PHRASE + "!")), wrapped, SET);
    }

    @Test
    void it_is_bound_to_its_set_its_key_and_its_recipient() {
        for (WrappingKey key : List.of(file, x25519, rsa)) {
            assertCode(ErrorCode.KEY_WRONG, bunch(key), wrapped, "another set");
            assertCode(ErrorCode.KEY_WRONG, bunch(key), new KeySection("0".repeat(32), wrapped.recipients()), SET);
        }
    }

    @Test
    void an_altered_key_is_wrong_and_another_recipient_still_opens_the_set() {
        Random random = new Random(3);
        for (WrappingKey key : List.of(file, x25519, rsa)) {
            for (int round = 0; round < 20; round++) {
                KeySection altered = altered(key, entry -> {
                    char[] hex = entry.wrapped().toCharArray();
                    int at = random.nextInt(hex.length);
                    hex[at] = hex[at] == '0' ? '1' : '0';
                    return new WrappedKey(entry.id(), entry.name(), entry.type(), entry.parameters(), new String(hex));
                });
                assertCode(ErrorCode.KEY_WRONG, bunch(key), altered, SET);
                WrappingKey other = key == file ? rsa : file;
                assertThat(Envelope.open(altered, SET, new KeyBunch(List.of(key, other), List.of()))).contains(KEY);
            }
        }
    }

    /** An attacker who can write the header knows the public keys, so wraps a key of their own. */
    @Test
    void a_key_that_somebody_else_wrapped_under_our_id_is_refused() {
        SetKey theirs = SetKey.random();
        WrappedKey forged = pair("offsite", "x25519", false).wrap(theirs.secret(), SET, KEY.id());
        assertCode(ErrorCode.KEY_WRONG, bunch(x25519), new KeySection(KEY.id(), List.of(forged)), SET);
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void a_hostile_header_is_refused_before_anything_is_derived() {
        List<Map<String, String>> demands = List.of(
                Map.of("memoryKiB", "2147483647"), Map.of("memoryKiB", "262145"), Map.of("memoryKiB", "1"),
                Map.of("memoryKiB", "-1"), Map.of("iterations", "1000000"), Map.of("iterations", "0"),
                Map.of("memoryKiB", "262144", "iterations", "16"), Map.of("parallelism", "0"),
                Map.of("parallelism", "100000"));
        for (Map<String, String> demand : demands) {
            assertCode(ErrorCode.KEY_DERIVATION_TOO_COSTLY, bunch(phrase), with(phrase, demand), SET);
        }
        for (Map<String, String> demand : List.of(
                Map.of("memoryKiB", "much"), Map.of("memoryKiB", "99999999999999"), Map.of("salt", "xy"),
                Map.of("salt", "00"))) {
            assertCode(ErrorCode.KEY_DOCUMENT_INVALID, bunch(phrase), with(phrase, demand), SET);
        }
        assertCode(ErrorCode.KEY_DOCUMENT_INVALID, bunch(x25519), with(x25519, Map.of("ephemeral", "00")), SET);
        // points of small order would give everybody the same secret
        assertCode(ErrorCode.KEY_WRONG, bunch(x25519), with(x25519, Map.of("ephemeral", "0".repeat(64))), SET);
        assertCode(
                ErrorCode.KEY_DOCUMENT_INVALID,
                bunch(file),
                new KeySection(KEY.id(), java.util.Collections.nCopies(65, wrapped.recipients().get(0))),
                SET);
    }

    @Test
    void key_files_that_others_can_read_are_damaged_or_of_another_kind_are_refused() throws Exception {
        Path path = TestKeys.keyFile(directory.resolve("bad.key"), 4);
        String text = Files.readString(path);
        refused(TestKeys.write(path, text, "rw-r-----"), "can be read or changed by others");
        refused(TestKeys.write(path, text.replace(":", ":0").substring(0, text.length()), "rw-------"), "has no line");
        int digit = text.indexOf(":", text.indexOf("KEY-1")) + 5;
        char other = text.charAt(digit) == '0' ? '1' : '0';
        refused(TestKeys.write(path, text.substring(0, digit) + other + text.substring(digit + 1), "rw-------"), "checksum");
        refused(directory.resolve("none"), "cannot be read");
        assertThatThrownBy(() -> KeyFiles.pair(
                        "x", "rsa", Optional.of(directory.resolve("offsite.pub")), Optional.empty()))
                .hasMessageContaining("is not a key of type rsa");
        assertThatThrownBy(() -> KeyFiles.pair(
                        "x", "x25519", Optional.of(directory.resolve("offsite.pub")),
                        Optional.of(TestKeys.pair(directory, "third", "x25519"))))
                .hasMessageContaining("is not the public key of");
        assertThatThrownBy(() -> new PassphraseKey("x", "short")).hasMessageContaining("fewer than 12");
    }

    @Test
    void a_private_key_leads_to_its_public_key() {
        for (String[] key : new String[][] {{"offsite", "x25519"}, {"hsm", "rsa"}}) {
            WrappingKey alone = KeyFiles.pair(
                    key[0], key[1], Optional.empty(), Optional.of(directory.resolve(key[0] + ".pem")));
            assertThat(alone.id()).isEqualTo(pair(key[0], key[1], false).id());
        }
    }

    @Test
    void databases_have_keys_of_their_own() {
        assertThat(KEY.dataKey("databases/0001-a/x")).isEqualTo(KEY.dataKey("databases/0001-a/data/y"));
        assertThat(KEY.dataKey("databases/0001-a/x")).isNotEqualTo(KEY.dataKey("databases/0002-b/x"));
        assertThat(KEY.dataKey("globals.sql")).isNotEqualTo(KEY.dataKey("databases/0001-a/x"));
    }

    @Test
    void hkdf_gives_what_rfc_5869_says() {
        byte[] okm = Hkdf.derive(
                java.util.HexFormat.of().parseHex("0b".repeat(22)),
                java.util.HexFormat.of().parseHex("000102030405060708090a0b0c"),
                java.util.HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9"),
                42);
        assertThat(Wrapping.hex(okm)).isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        assertThat(Wrapping.hex(Hkdf.hmac("Jefe".getBytes(StandardCharsets.US_ASCII),
                        "what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII))))
                .startsWith("5bdcc146bf60754e");
    }

    private static void refused(Path path, String why) {
        assertThatThrownBy(() -> KeyFiles.keyFile("x", path))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((BackupException) e).code())
                .isEqualTo(ErrorCode.KEY_INVALID);
    }

    private static KeySection with(WrappingKey key, Map<String, String> demand) {
        return altered(key, entry -> {
            Map<String, String> parameters = new HashMap<>(entry.parameters());
            parameters.putAll(demand);
            return new WrappedKey(entry.id(), entry.name(), entry.type(), parameters, entry.wrapped());
        });
    }

    private static KeySection altered(WrappingKey key, java.util.function.UnaryOperator<WrappedKey> change) {
        return new KeySection(
                wrapped.key(),
                wrapped.recipients().stream()
                        .map(entry -> entry.type().equals(key.type()) ? change.apply(entry) : entry)
                        .toList());
    }

    private static void assertCode(ErrorCode code, KeyBunch keys, KeySection section, String set) {
        assertThatThrownBy(() -> Envelope.open(section, set, keys))
                .isInstanceOf(BackupException.class)
                .extracting(e -> ((BackupException) e).code())
                .isEqualTo(code);
    }

    private static KeyBunch bunch(WrappingKey key) {
        return new KeyBunch(key.canUnwrap() ? List.of(key) : List.of(), List.of());
    }

    private static WrappingKey pair(String name, String type, boolean secret) {
        return KeyFiles.pair(
                name, type, Optional.of(directory.resolve(name + ".pub")),
                secret ? Optional.of(directory.resolve(name + ".pem")) : Optional.empty());
    }
}
