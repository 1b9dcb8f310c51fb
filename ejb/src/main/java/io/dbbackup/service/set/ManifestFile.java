package io.dbbackup.service.set;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.WrappedKey;
import io.dbbackup.pipeline.NotAuthenticException;
import io.dbbackup.pipeline.Sha256Probe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A manifest as it is stored. Version 1 is clear; version 2 has a clear header, which needs no key and which the
 * encryption of the body authenticates, and an encrypted body, which is the manifest itself.
 */
public final class ManifestFile {
    private static final byte[] BODY = "{\"body\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY_END = "\"}\n".getBytes(StandardCharsets.US_ASCII);

    private final String where;
    private final SetHeader header;
    private final Optional<BackupManifest> clear;
    private final byte[] headerLine;
    private final byte[] body;
    private final String sha256;

    private ManifestFile(
            String where,
            String sha256,
            SetHeader header,
            Optional<BackupManifest> clear,
            byte[] headerLine,
            byte[] body) {
        this.where = where;
        this.sha256 = sha256;
        this.header = header;
        this.clear = clear;
        this.headerLine = headerLine;
        this.body = body;
    }

    /**
     * Reads what needs no key.
     *
     * @param bytes the whole blob
     * @param where how messages call the blob
     * @throws BackupException MANIFEST_INVALID when the bytes are not exactly what a writer wrote,
     *     MANIFEST_VERSION_UNSUPPORTED when a newer version wrote them
     */
    public static ManifestFile read(byte[] bytes, String where) {
        byte[] document = ManifestJson.checkedDocument(bytes, where);
        String sha256 = Sha256Probe.of(bytes);
        byte[] first = Arrays.copyOf(document, firstLine(document));
        int version = version(first, where);
        if (version > SetHeader.VERSION) {
            throw new BackupException(
                    ErrorCode.MANIFEST_VERSION_UNSUPPORTED,
                    where + " has version " + version + " of the repository format; this program reads up to "
                            + SetHeader.VERSION,
                    "Use the version of dbbackup that wrote it (" + product(first) + ") or a newer one.");
        }
        if (version == SetHeader.VERSION) {
            SetHeader header = bind(first, SetHeader.class, where, version);
            if (header.encryption().isEmpty()) {
                throw ManifestJson.invalid(where, "lacks its section encryption", null);
            }
            return new ManifestFile(
                    where, sha256, header, Optional.empty(), first, body(document, first.length, where));
        }
        // what follows the first line of version 1 is no JSON document's end, which binding would not notice
        BackupManifest manifest = bind(document, BackupManifest.class, where, version);
        return new ManifestFile(where, sha256, SetHeader.of(manifest), Optional.of(manifest), first, new byte[0]);
    }

    /** The bytes of an encrypted set's manifest. */
    public static byte[] write(SetHeader header, BackupManifest manifest, SetKey key) {
        byte[] first = (Json.write(header) + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] plain = Json.write(manifest).getBytes(StandardCharsets.UTF_8);
        byte[] encrypted = Base64.getEncoder().encode(key.encryptBody(manifest.set(), first, plain));
        ByteArrayOutputStream document =
                new ByteArrayOutputStream(first.length + BODY.length + encrypted.length + BODY_END.length);
        document.writeBytes(first);
        document.writeBytes(BODY);
        document.writeBytes(encrypted);
        document.writeBytes(BODY_END);
        return ManifestJson.sealed(document.toByteArray());
    }

    public SetHeader header() {
        return header;
    }

    /** SHA-256 of the whole blob, for the catalog. */
    public String sha256() {
        return sha256;
    }

    public boolean encrypted() {
        return header.encryption().isPresent();
    }

    /**
     * The manifest itself.
     *
     * @param keys the set's; none needed for a set that is not encrypted
     * @throws BackupException KEY_MISSING naming the recipients, MANIFEST_INVALID when header or body were altered
     */
    public BackupManifest manifest(SetKeys keys) {
        if (clear.isPresent()) {
            return clear.get();
        }
        SetHeader.Encryption encryption = header.encryption().orElseThrow();
        if (keys.isEmpty()) {
            throw keyMissing("no key is at hand");
        }
        BackupManifest manifest;
        try {
            byte[] plain = keys.get(encryption.bodyKey()).decryptBody(header.set(), headerLine, body);
            manifest = bind(plain, BackupManifest.class, where, header.version());
        } catch (NotAuthenticException e) {
            throw ManifestJson.invalid(
                    where, "was altered by somebody without the key: its header and its body do not fit each other", e);
        } catch (IOException e) {
            throw ManifestJson.invalid(where, "cannot be decrypted: " + e.getMessage(), e);
        }
        if (!manifest.set().equals(header.set()) || !manifest.source().equals(header.source())) {
            throw ManifestJson.invalid(where, "has the header of another set", null);
        }
        return manifest;
    }

    /** @param why why none of the keys at hand opens the set */
    BackupException keyMissing(String why) {
        String recipients = header.encryption().orElseThrow().keys().stream()
                .flatMap(section -> section.recipients().stream())
                .map(ManifestFile::nameAndId)
                .distinct()
                .collect(Collectors.joining(", "));
        return new BackupException(
                ErrorCode.KEY_MISSING,
                "backup set " + header.set() + " is encrypted for " + recipients + "; " + why,
                "Configure one of these keys (section keys) with its secret part, or use Decrypt.java where the key is.");
    }

    private static String nameAndId(WrappedKey wrapped) {
        return "\"" + wrapped.name() + "\" (" + wrapped.id() + ")";
    }

    private static int firstLine(byte[] document) {
        for (int i = 0; i < document.length; i++) {
            if (document[i] == '\n') {
                return i + 1;
            }
        }
        return document.length;
    }

    private static int version(byte[] first, String where) {
        JsonNode tree = tree(first, where);
        if (!BackupManifest.FORMAT.equals(tree.path("format").asText())) {
            throw ManifestJson.invalid(where, "has the format \"" + tree.path("format").asText() + "\" instead of \""
                    + BackupManifest.FORMAT + "\"", null);
        }
        JsonNode version = tree.path("version");
        if (!version.isInt() || version.intValue() < 1) {
            throw ManifestJson.invalid(where, "has no version", null);
        }
        return version.intValue();
    }

    private static String product(byte[] first) {
        return tree(first, "").path("product").asText("unknown");
    }

    private static JsonNode tree(byte[] json, String where) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (IOException e) {
            throw ManifestJson.invalid(where, "is not JSON: " + e.getMessage(), e);
        }
    }

    private static <T> T bind(byte[] json, Class<T> type, String where, int version) {
        try {
            return Json.MAPPER.readValue(json, type);
        } catch (IOException | RuntimeException e) {
            throw ManifestJson.invalid(where, "lacks something that version " + version + " needs: " + e.getMessage(), e);
        }
    }

    private static byte[] body(byte[] document, int from, String where) {
        int begin = from + BODY.length;
        int end = document.length - BODY_END.length;
        if (end < begin
                || !Arrays.equals(BODY, 0, BODY.length, document, from, begin)
                || !Arrays.equals(BODY_END, 0, BODY_END.length, document, end, document.length)) {
            throw ManifestJson.invalid(where, "has no encrypted body in its second line", null);
        }
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(document, begin, end));
        } catch (IllegalArgumentException e) {
            throw ManifestJson.invalid(where, "has an encrypted body that is not base64", e);
        }
    }
}
