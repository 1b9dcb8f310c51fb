package io.dbbackup.service.set;

import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.pipeline.Sha256Probe;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of {@code manifest.json}: line 1 is the manifest as one line of JSON, line 2 is
 * <code>{"sha256":"…"}</code> with the SHA-256 of line 1 including its line feed, so that {@code head -n 1 manifest.json
 * | sha256sum} gives the same digits. An edit by hand is noticed without a catalog; it is no protection against someone
 * who computes the digest anew.
 */
public final class ManifestJson {
    private static final Pattern SEAL = Pattern.compile("\\{\"sha256\":\"([0-9a-f]{64})\"}\n");
    private static final int SEAL_BYTES = "{\"sha256\":\"\"}\n".length() + 64;

    private ManifestJson() {}

    public static byte[] write(BackupManifest manifest) {
        return sealed((Json.write(manifest) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the manifest of a set that is not encrypted.
     *
     * @param bytes the whole blob
     * @param where how messages call the blob
     * @throws BackupException MANIFEST_INVALID when the bytes are not exactly what a writer wrote,
     *     MANIFEST_VERSION_UNSUPPORTED when a newer version wrote them, KEY_MISSING for an encrypted set
     */
    public static BackupManifest read(byte[] bytes, String where) {
        return ManifestFile.read(bytes, where).manifest(SetKeys.NONE);
    }

    /** Everything before the last line, when that is the SHA-256 of it. */
    static byte[] checkedDocument(byte[] bytes, String where) {
        int documentBytes = Math.max(0, bytes.length - SEAL_BYTES);
        String tail = new String(bytes, documentBytes, bytes.length - documentBytes, StandardCharsets.ISO_8859_1);
        Matcher seal = SEAL.matcher(tail);
        if (documentBytes == 0 || bytes[documentBytes - 1] != '\n' || !seal.matches()) {
            throw invalid(where, "does not end with the line {\"sha256\":\"…\"}; it is truncated or was edited", null);
        }
        byte[] document = Arrays.copyOf(bytes, documentBytes);
        String found = Sha256Probe.of(document);
        if (!found.equals(seal.group(1))) {
            throw invalid(where, "was changed after it was written: the lines before its last have the SHA-256 " + found
                    + ", its last line says " + seal.group(1), null);
        }
        return document;
    }

    static byte[] sealed(byte[] document) {
        byte[] seal = ("{\"sha256\":\"" + Sha256Probe.of(document) + "\"}\n").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(document, document.length + seal.length);
        System.arraycopy(seal, 0, bytes, document.length, seal.length);
        return bytes;
    }

    static BackupException invalid(String where, String what, Exception origin) {
        return new BackupException(
                ErrorCode.MANIFEST_INVALID,
                where + " " + what,
                "Restore the manifest from another copy of the backup set.",
                origin);
    }
}
