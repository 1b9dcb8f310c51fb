package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.Sha256Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the files that keys are in: one line {@code DBBACKUP-KEY-1:<64 hex digits>:<checksum>}, or PEM (PKCS #8 and
 * SubjectPublicKeyInfo) for key pairs, as {@code openssl genpkey} writes them. Files with secrets must be closed to group
 * and others.
 */
public final class KeyFiles {
    private static final int LARGEST = 64 * 1024;
    private static final int LEAST_RSA_BITS = 2048;
    private static final int MOST_RSA_BITS = 8192;
    private static final String PREFIX = "DBBACKUP-KEY-1:";
    private static final Pattern LINE = Pattern.compile("DBBACKUP-KEY-1:([0-9a-f]{64}):([0-9a-f]{8})");
    private static final Set<PosixFilePermission> OWNERS_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private KeyFiles() {}

    /** The line of a key file. */
    static String line(byte[] secret) {
        String start = PREFIX + HexFormat.of().formatHex(secret);
        return start + ":" + checksum(start);
    }

    private static String checksum(String start) {
        return Sha256Probe.of(start.getBytes(StandardCharsets.US_ASCII)).substring(0, 8);
    }

    /** @throws BackupException KEY_INVALID */
    public static WrappingKey keyFile(String name, Path file) {
        String line = text(name, file, true)
                .lines()
                .map(String::strip)
                .filter(text -> !text.isEmpty() && !text.startsWith("#"))
                .findFirst()
                .orElse("");
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw invalid(name, file, "has no line " + PREFIX + "…", "Give the file that dbbackup keys generate wrote.", null);
        }
        if (!checksum(PREFIX + matcher.group(1)).equals(matcher.group(2))) {
            throw invalid(name, file, "is damaged: its checksum is wrong", "Compare it with another copy of the key.", null);
        }
        return new KeyFileKey(name, HexFormat.of().parseHex(matcher.group(1)));
    }

    /**
     * A key pair, or its public half.
     *
     * @param type {@code x25519} or {@code rsa}
     * @param publicFile may be left out when the private key is there
     * @throws BackupException KEY_INVALID
     */
    public static WrappingKey pair(String name, String type, Optional<Path> publicFile, Optional<Path> privateFile) {
        Optional<PrivateKey> own = privateFile.map(file -> privateKey(name, type, file));
        java.security.PublicKey publicKey = publicFile
                .map(file -> publicKey(name, type, file))
                .orElseGet(() -> publicKeyOf(name, privateFile.orElseThrow(), own.orElseThrow()));
        if (own.isPresent() && publicFile.isPresent()
                && !publicKey.equals(publicKeyOf(name, privateFile.get(), own.get()))) {
            throw invalid(name, publicFile.get(), "is not the public key of " + privateFile.get(),
                    "Give the two files of one pair, or the private one alone.", null);
        }
        return new PublicKey(name, publicKey, own);
    }

    private static PrivateKey privateKey(String name, String type, Path file) {
        return (PrivateKey) key(name, type, file, "PRIVATE KEY", text(name, file, true));
    }

    private static java.security.PublicKey publicKey(String name, String type, Path file) {
        return (java.security.PublicKey) key(name, type, file, "PUBLIC KEY", text(name, file, false));
    }

    private static java.security.PublicKey publicKeyOf(String name, Path file, PrivateKey own) {
        try {
            return own instanceof RSAPrivateCrtKey rsa
                    ? KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()))
                    : X25519Wrapping.publicKeyOf(own);
        } catch (GeneralSecurityException e) {
            throw invalid(name, file, "does not lead to its public key", "Name the public key's file as well.", e);
        }
    }

    private static Object key(String name, String type, Path file, String label, String pem) {
        Matcher matcher = Pattern.compile("-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]+)-----END " + label + "-----")
                .matcher(pem);
        if (!matcher.find()) {
            throw invalid(name, file, "holds no PEM block " + label,
                    "Write it with dbbackup keys generate or openssl genpkey, without a passphrase.", null);
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(1));
            KeyFactory factory = KeyFactory.getInstance(type.equals(RsaWrapping.TYPE) ? "RSA" : "X25519");
            KeySpec spec = label.startsWith("PRIVATE") ? new PKCS8EncodedKeySpec(der) : new X509EncodedKeySpec(der);
            Object key = spec instanceof PKCS8EncodedKeySpec ? factory.generatePrivate(spec) : factory.generatePublic(spec);
            if (key instanceof RSAKey rsa) {
                int bits = rsa.getModulus().bitLength();
                if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
                    throw invalid(name, file, "has " + bits + " bits",
                            "Use " + LEAST_RSA_BITS + " to " + MOST_RSA_BITS + " bits, or X25519.", null);
                }
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw invalid(name, file, "is not a key of type " + type, "Check the type of the key.", e);
        }
    }

    private static String text(String name, Path file, boolean secret) {
        try {
            if (secret) {
                refuseOpenFile(name, file);
            }
            if (Files.size(file) > LARGEST) {
                throw invalid(name, file, "has more than " + LARGEST + " bytes", "This is no key.", null);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw invalid(name, file, "cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Provide it to the user that runs the server.", e);
        }
    }

    private static void refuseOpenFile(String name, Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null && !OWNERS_ONLY.containsAll(view.readAttributes().permissions())) {
            throw invalid(name, file, "can be read or changed by others", "Run chmod 600 on it.", null);
        }
    }

    private static BackupException invalid(String name, Path file, String what, String remedy, Throwable origin) {
        return new BackupException(
                ErrorCode.KEY_INVALID, "key \"" + name + "\": " + file + " " + what, remedy, origin);
    }
}
