package io.dbbackup.crypto;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Random;

/** Keys in files, as administrators have them. */
public final class TestKeys {
    private TestKeys() {}

    public static Path keyFile(Path file, long seed) {
        byte[] secret = new byte[32];
        new Random(seed).nextBytes(secret);
        return write(file, "# a key for tests\n" + KeyFiles.line(secret) + "\n", "rw-------");
    }

    /** Writes {@code <name>.pem} and {@code <name>.pub}. */
    public static Path pair(Path directory, String name, String type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type.equals("rsa") ? "RSA" : "X25519");
            if (type.equals("rsa")) {
                generator.initialize(2048);
            }
            KeyPair pair = generator.generateKeyPair();
            write(directory.resolve(name + ".pub"), pem("PUBLIC KEY", pair.getPublic()), "rw-r--r--");
            return write(directory.resolve(name + ".pem"), pem("PRIVATE KEY", pair.getPrivate()), "rw-------");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String label, Key key) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END " + label + "-----\n";
    }

    public static Path write(Path file, String text, String permissions) {
        try {
            Files.writeString(file, text);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
