package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobStore;
import java.io.InputStream;

/**
 * Where a blob of a set lies in a store: below the set's prefix, or, when the set refers to another one, there. A copy of such a
 * set in another store has everything below its own prefix, so that comes first.
 */
public final class BlobPlace {
    private final BlobStore store;
    private final String prefix;
    private final BlobRef blob;
    private final String where;

    private BlobPlace(BlobStore store, String prefix, BlobRef blob, String where) {
        this.store = store;
        this.prefix = prefix;
        this.blob = blob;
        this.where = where;
    }

    /**
     * Asks the store only for a blob that is referred to.
     *
     * @param prefix of the set, ending with {@code /}
     */
    public static BlobPlace of(BlobStore store, String prefix, BlobRef blob) {
        String own = prefix + blob.name();
        boolean elsewhere = blob.origin().isPresent() && store.stat(own).isEmpty();
        return new BlobPlace(store, prefix, blob, elsewhere ? originOf(prefix, blob.origin().orElseThrow()) : own);
    }

    /** Prefix of another set of the same source. */
    public static String prefixOf(String prefix, String set) {
        String checked = new SetId(set).value();
        return prefix.substring(0, prefix.indexOf('/') + 1) + checked + "/";
    }

    private static String originOf(String prefix, BlobOrigin origin) {
        return prefixOf(prefix, origin.set()) + origin.name();
    }

    /** Full name in the store. */
    public String where() {
        return where;
    }

    /** @throws BackupException BLOB_MISSING naming the set that lost it, or of the store */
    public InputStream open() {
        try {
            return store.open(where, 0);
        } catch (BackupException e) {
            if (e.code() == ErrorCode.BLOB_MISSING && !where.equals(prefix + blob.name())) {
                throw lost(e);
            }
            throw e;
        }
    }

    private BackupException lost(BackupException cause) {
        String set = blob.origin().orElseThrow().set();
        boolean deleted = store.stat(prefixOf(prefix, set) + BackupManifest.BLOB_NAME).isEmpty();
        return new BackupException(
                ErrorCode.BLOB_MISSING,
                prefix + blob.name() + " is stored by backup set " + set + ", which this set refers to, and that one "
                        + (deleted ? "was deleted" : "has lost it") + ": there is no " + where,
                "Find out who deleted it. A copy of either set in another store brings it back: copy this set from there.",
                cause);
    }
}
