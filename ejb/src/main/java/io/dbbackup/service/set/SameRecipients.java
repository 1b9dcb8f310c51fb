package io.dbbackup.service.set;

import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.PassphraseKey;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.WrappedKey;
import io.dbbackup.spi.BlobStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Tells whether what was encrypted earlier is for the recipients that the present execution encrypts for. Names do not tell: another
 * key may have the name by now. Not thread-safe.
 */
public final class SameRecipients {
    private final BlobSetWriter.Encryption now;
    private final Supplier<KeyBunch> atHand;
    /** By the ids of keys that earlier executions made. */
    private final Map<String, Boolean> known = new HashMap<>();

    /**
     * @param now how the present execution encrypts
     * @param atHand asked when there are passphrases to compare
     */
    public SameRecipients(BlobSetWriter.Encryption now, Supplier<KeyBunch> atHand) {
        this.now = now;
        this.atHand = atHand;
    }

    /**
     * Whether a blob that an earlier execution of the run has stored is for the same recipients, by the key document that this one
     * has stored; not when that is gone.
     *
     * @param prefix of the set in the store, ending with {@code /}
     * @throws BackupException of the store
     */
    public boolean wrote(BlobRef blob, BlobStore store, String prefix) {
        return blob.key()
                .filter(key -> known.computeIfAbsent(key, id -> KeyDocuments.newestFirst(store, prefix, id).stream()
                        .findFirst()
                        .filter(document -> have(new KeySection(id, document.recipients()), now.set()))
                        .isPresent()))
                .isPresent();
    }

    /**
     * Whether a key is wrapped for them. A passphrase is called by its name, since a fingerprint would help to guess it. So whether
     * it is still the same is only seen by what it opens, which takes about a second.
     *
     * @param set that the key is of
     */
    public boolean have(KeySection section, String set) {
        return mayHave(section)
                && section.recipients().stream()
                        .filter(wrapped -> wrapped.type().equals(PassphraseKey.TYPE))
                        .allMatch(wrapped -> opens(section, set, wrapped));
    }

    /** As {@link #have}, but a passphrase of the same name counts as the same one. */
    public boolean mayHave(KeySection section) {
        return ids(section).equals(ids(now.section()));
    }

    private static Set<String> ids(KeySection section) {
        return section.recipients().stream().map(WrappedKey::id).collect(Collectors.toSet());
    }

    private boolean opens(KeySection section, String set, WrappedKey wrapped) {
        List<WrappingKey> same =
                atHand.get().keys().stream().filter(key -> key.id().equals(wrapped.id())).toList();
        try {
            return Envelope.open(new KeySection(section.key(), List.of(wrapped)), set, new KeyBunch(same, List.of()))
                    .isPresent();
        } catch (BackupException e) {
            if (e.code() != ErrorCode.KEY_WRONG) {
                throw e;
            }
            // another recipient by the same name
            return false;
        }
    }
}
