package io.dbbackup.service.set;

import com.fasterxml.jackson.databind.JsonNode;
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
        String document = Json.write(manifest) + "\n";
        String seal = "{\"sha256\":\"" + Sha256Probe.of(document.getBytes(StandardCharsets.UTF_8)) + "\"}\n";
        return (document + seal).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param bytes the whole blob
     * @param where how messages call the blob
     * @throws BackupException MANIFEST_INVALID when the bytes are not exactly what a writer wrote,
     *     MANIFEST_VERSION_UNSUPPORTED when a newer version wrote them
     */
    public static BackupManifest read(byte[] bytes, String where) {
        byte[] document = checkedDocument(bytes, where);
        JsonNode tree;
        try {
            tree = Json.MAPPER.readTree(document);
        } catch (java.io.IOException e) {
            throw invalid(where, "is not JSON: " + e.getMessage(), e);
        }
        if (!BackupManifest.FORMAT.equals(tree.path("format").asText())) {
            throw invalid(where, "has the format \"" + tree.path("format").asText() + "\" instead of \""
                    + BackupManifest.FORMAT + "\"", null);
        }
        JsonNode version = tree.path("version");
        if (!version.isInt() || version.intValue() < 1) {
            throw invalid(where, "has no version", null);
        }
        if (version.intValue() > BackupManifest.VERSION) {
            throw new BackupException(
                    ErrorCode.MANIFEST_VERSION_UNSUPPORTED,
                    where + " has version " + version.intValue() + " of the repository format; this program reads up to "
                            + BackupManifest.VERSION,
                    "Use the version of dbbackup that wrote it (" + tree.path("product").asText("unknown")
                            + ") or a newer one.");
        }
        return bind(document, where);
    }

    private static BackupManifest bind(byte[] document, String where) {
        try {
            return Json.MAPPER.readValue(document, BackupManifest.class);
        } catch (java.io.IOException | RuntimeException e) {
            throw invalid(where, "lacks something that version " + BackupManifest.VERSION + " needs: " + e.getMessage(), e);
        }
    }

    private static byte[] checkedDocument(byte[] bytes, String where) {
        int documentBytes = Math.max(0, bytes.length - SEAL_BYTES);
        String tail = new String(bytes, documentBytes, bytes.length - documentBytes, StandardCharsets.ISO_8859_1);
        Matcher seal = SEAL.matcher(tail);
        if (documentBytes == 0 || bytes[documentBytes - 1] != '\n' || !seal.matches()) {
            throw invalid(where, "does not end with the line {\"sha256\":\"…\"}; it is truncated or was edited", null);
        }
        byte[] document = Arrays.copyOf(bytes, documentBytes);
        String found = Sha256Probe.of(document);
        if (!found.equals(seal.group(1))) {
            throw invalid(where, "was changed after it was written: its first line has the SHA-256 " + found
                    + ", its second line says " + seal.group(1), null);
        }
        return document;
    }

    private static BackupException invalid(String where, String what, Exception origin) {
        return new BackupException(
                ErrorCode.MANIFEST_INVALID,
                where + " " + what,
                "Restore the manifest from another copy of the backup set.",
                origin);
    }
}
