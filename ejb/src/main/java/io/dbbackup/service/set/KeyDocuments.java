package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The documents below {@code keys/} of a set. Nothing in them is trusted: a wrapped key counts when what comes out has the
 * id that the manifest names. A malformed document is passed over, so that nobody can lock others out by adding one.
 */
public final class KeyDocuments {
    private static final int LARGEST = 1024 * 1024;
    /** A set whose recipients change every week for ten years has 500. */
    private static final int MOST = 1000;

    private KeyDocuments() {}

    /** The readable documents of a key, the one with the highest number first. */
    public static List<KeyDocument> newestFirst(BlobStore store, String prefix, String key) {
        List<String> names = new ArrayList<>();
        store.list(prefix + KeyDocument.DIRECTORY, blob -> {
            if (blob.name().startsWith(prefix + KeyDocument.DIRECTORY + key + "-") && names.size() < MOST) {
                names.add(blob.name());
            }
        });
        names.sort(Comparator.reverseOrder());
        List<KeyDocument> documents = new ArrayList<>();
        for (String name : names) {
            KeyDocument document = read(store, name);
            if (document != null && document.key().equals(key) && (prefix + document.blobName()).equals(name)) {
                documents.add(document);
            }
        }
        return documents;
    }

    private static KeyDocument read(BlobStore store, String name) {
        try (InputStream in = store.open(name, 0)) {
            byte[] bytes = in.readNBytes(LARGEST);
            KeyDocument document = Json.MAPPER.readValue(bytes, KeyDocument.class);
            return KeyDocument.FORMAT.equals(document.format()) ? document : null;
        } catch (com.fasterxml.jackson.core.JacksonException | NullPointerException e) {
            return null;
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.STORE_IO,
                    "reading " + name + " failed: " + e.getMessage(),
                    "Check the store and the connection to it, then try again.",
                    e);
        }
    }
}
