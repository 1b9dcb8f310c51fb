package io.dbbackup.crypto;

import io.dbbackup.model.StageDescriptor;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.pipeline.Transform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * The random key that a backup set is encrypted with: 256 bits, of which everything else is derived. Each database has a
 * data key of its own, derived from this one, and so have the set's own blobs; knowing one says nothing about the others
 * or about the key of the set. Thread-safe; never printed, serialised or stored in clear.
 */
public final class SetKey {
    static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] NO_SALT = new byte[0];
    private static final String DATABASES = "databases/";

    private final byte[] secret;
    private final String id;

    private SetKey(byte[] secret) {
        this.secret = secret;
        this.id = HexFormat.of().formatHex(Hkdf.derive(secret, NO_SALT, "dbbackup key id 1"), 0, 16);
    }

    public static SetKey random() {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return new SetKey(secret);
    }

    static SetKey of(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("the key of a set has " + BYTES + " bytes, not " + secret.length);
        }
        return new SetKey(secret.clone());
    }

    /** 32 hex digits that are derived from the key, so that nobody can offer another key under the same id. */
    public String id() {
        return id;
    }

    byte[] secret() {
        return secret.clone();
    }

    /** What encrypts the blobs of a set under this key. */
    public Transform transform(String set) {
        StageDescriptor descriptor = new StageDescriptor(StageDescriptor.ENCRYPTION, Map.of("key", id));
        return new Transform() {
            @Override
            public StageDescriptor descriptor() {
                return descriptor;
            }

            @Override
            public OutputStream encode(String blob, OutputStream next) throws IOException {
                return encrypt(set, blob, next);
            }
        };
    }

    OutputStream encrypt(String set, String blob, OutputStream next) throws IOException {
        return EncryptingStream.begin(next, dataKey(blob), associatedData(set, blob));
    }

    InputStream decrypt(String set, String blob, InputStream stored) throws IOException {
        return DecryptingStream.open(stored, dataKey(blob), associatedData(set, blob));
    }

    /** Encrypts the body of a manifest, bound to its clear header. */
    public byte[] encryptBody(String set, byte[] header, byte[] body) {
        ByteArrayOutputStream stored = new ByteArrayOutputStream(body.length + 1024);
        try (OutputStream out = EncryptingStream.begin(stored, dataKey(""), bodyContext(set, header))) {
            out.write(body);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
        return stored.toByteArray();
    }

    /** @throws io.dbbackup.pipeline.NotAuthenticException when header or body are not what was written */
    public byte[] decryptBody(String set, byte[] header, byte[] stored) throws IOException {
        try (InputStream in = DecryptingStream.open(
                new ByteArrayInputStream(stored), dataKey(""), bodyContext(set, header))) {
            return in.readAllBytes();
        }
    }

    private static byte[] bodyContext(String set, byte[] header) {
        return ("dbbackup manifest 1\n" + set + "\n" + Sha256Probe.of(header)).getBytes(StandardCharsets.UTF_8);
    }

    /** Name of what has a data key of its own: the directory of the blob's database, empty for the set's own blobs. */
    static String scope(String blob) {
        int slash = blob.startsWith(DATABASES) ? blob.indexOf('/', DATABASES.length()) : -1;
        return slash < 0 ? "" : blob.substring(0, slash);
    }

    byte[] dataKey(String blob) {
        return Hkdf.derive(secret, NO_SALT, "dbbackup data key 1\n" + scope(blob));
    }

    static byte[] associatedData(String set, String blob) {
        return ("dbbackup blob 1\n" + set + "\n" + blob).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SetKey key && Arrays.equals(secret, key.secret);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "key " + id;
    }
}
