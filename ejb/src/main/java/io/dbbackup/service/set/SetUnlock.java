package io.dbbackup.service.set;

import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.spi.BlobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the keys of an encrypted set: in the header of its manifest, else in the key documents beside it, the newest
 * first. Only the key that wrote the set can come out, whoever wrote the document, because ids are derived from keys.
 */
final class SetUnlock {
    private final BlobStore store;
    private final String prefix;
    private final ManifestFile file;
    private final KeyBunch atHand;

    private SetUnlock(BlobStore store, String prefix, ManifestFile file, KeyBunch atHand) {
        this.store = store;
        this.prefix = prefix;
        this.file = file;
        this.atHand = atHand;
    }

    /**
     * @throws BackupException KEY_MISSING naming the recipients, KEY_WRONG, KEY_DOCUMENT_INVALID,
     *     KEY_DERIVATION_TOO_COSTLY, or of the store
     */
    static SetKeys unlock(BlobStore store, String prefix, ManifestFile file, KeyBunch atHand) {
        return file.encrypted() ? new SetUnlock(store, prefix, file, atHand).keys() : SetKeys.NONE;
    }

    private SetKeys keys() {
        List<SetKey> keys = new ArrayList<>();
        for (KeySection section : file.header().encryption().orElseThrow().keys()) {
            keys.add(key(section));
        }
        return new SetKeys(file.header().set(), keys);
    }

    private SetKey key(KeySection section) {
        BackupException failure = null;
        // the key of a set that this one refers to is wrapped as it is there
        String set = section.set().orElse(file.header().set());
        try {
            Optional<SetKey> key = Envelope.open(section, set, atHand);
            if (key.isPresent()) {
                return key.get();
            }
        } catch (BackupException e) {
            failure = e;
        }
        List<KeyDocument> documents = KeyDocuments.newestFirst(store, prefix, section.key());
        for (KeyDocument document : documents) {
            try {
                KeySection wrapped = new KeySection(section.key(), document.recipients());
                Optional<SetKey> key = Envelope.open(wrapped, set, atHand);
                if (key.isPresent()) {
                    return key.get();
                }
            } catch (BackupException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        String why = "none of the keys at hand is one of them"
                + (atHand.problems().isEmpty() ? "" : " (" + String.join("; ", atHand.problems()) + ")");
        throw file.keyMissing(why);
    }
}
