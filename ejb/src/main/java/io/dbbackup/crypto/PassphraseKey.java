package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A passphrase, made expensive to guess by Argon2id (RFC 9106) with the second of the RFC's recommended settings: 64 MiB,
 * three passes, four lanes; about a second. What a header asks for is capped before anything is derived.
 */
public final class PassphraseKey implements WrappingKey {
    public static final String TYPE = "passphrase";
    static final int SHORTEST = 12;
    static final int MOST_MEMORY_KIB = 256 * 1024;
    static final int MOST_ITERATIONS = 16;
    static final int MOST_LANES = 16;
    /** Memory times passes: bounds the time. */
    static final long MOST_WORK_KIB = 1024 * 1024;

    private static final int MEMORY_KIB = 64 * 1024;
    private static final int ITERATIONS = 3;
    private static final int LANES = 4;
    private static final int SALT = 16;

    private final String name;
    private final String passphrase;

    /** @throws BackupException KEY_INVALID when it is too short to be safe */
    public PassphraseKey(String name, String passphrase) {
        if (passphrase.length() < SHORTEST) {
            throw new BackupException(
                    ErrorCode.KEY_INVALID,
                    "the passphrase of key \"" + name + "\" has fewer than " + SHORTEST + " characters",
                    "Use a long one, for example six random words; who has the backup can try passphrases for ever.");
        }
        this.name = name;
        this.passphrase = passphrase;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** A fingerprint would help guessing, so this is the name. */
    @Override
    public String id() {
        return TYPE + ":" + name;
    }

    @Override
    public boolean canUnwrap() {
        return true;
    }

    @Override
    public boolean fits(WrappedKey wrapped) {
        return wrapped.type().equals(TYPE);
    }

    @Override
    public WrappedKey wrap(byte[] key, String set, String keyId) {
        byte[] salt = Wrapping.random(SALT);
        byte[] once = derive(salt, MEMORY_KIB, ITERATIONS, LANES);
        return new WrappedKey(
                id(),
                name,
                TYPE,
                Map.of(
                        "kdf", "argon2id",
                        "salt", Wrapping.hex(salt),
                        "memoryKiB", Integer.toString(MEMORY_KIB),
                        "iterations", Integer.toString(ITERATIONS),
                        "parallelism", Integer.toString(LANES)),
                Wrapping.hex(Wrapping.seal(once, key, Wrapping.context(set, keyId, id()))));
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, String set, String keyId) {
        int memory = Wrapping.number(wrapped, "memoryKiB");
        int iterations = Wrapping.number(wrapped, "iterations");
        int lanes = Wrapping.number(wrapped, "parallelism");
        byte[] salt = Wrapping.bytes(wrapped, "salt", SALT);
        refuseCost(wrapped, memory, iterations, lanes);
        byte[] once = derive(salt, memory, iterations, lanes);
        try {
            return Wrapping.open(once, Wrapping.wrappedBytes(wrapped), Wrapping.context(set, keyId, wrapped.id()));
        } catch (GeneralSecurityException e) {
            throw WrappingKey.wrong(name, wrapped, e);
        }
    }

    private static void refuseCost(WrappedKey wrapped, int memory, int iterations, int lanes) {
        boolean granted = lanes >= 1
                && lanes <= MOST_LANES
                && iterations >= 1
                && iterations <= MOST_ITERATIONS
                && memory >= 8 * lanes
                && memory <= MOST_MEMORY_KIB
                && (long) memory * iterations <= MOST_WORK_KIB;
        if (!granted) {
            throw new BackupException(
                    ErrorCode.KEY_DERIVATION_TOO_COSTLY,
                    "the key wrapped for " + wrapped.id() + " asks for Argon2id with " + memory + " KiB, " + iterations
                            + " passes and " + lanes + " lanes",
                    "At most " + MOST_MEMORY_KIB + " KiB, " + MOST_ITERATIONS + " passes, " + MOST_LANES + " lanes and "
                            + MOST_WORK_KIB + " KiB × passes are granted; no version of dbbackup writes more, so find"
                            + " out who altered the set.");
        }
    }

    private byte[] derive(byte[] salt, int memory, int iterations, int lanes) {
        Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
        argon2.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withMemoryAsKB(memory)
                .withIterations(iterations)
                .withParallelism(lanes)
                .build());
        byte[] once = new byte[32];
        argon2.generateBytes(passphrase.getBytes(StandardCharsets.UTF_8), once);
        return once;
    }
}
