package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.WrappedKey;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Wraps the key of a set for its recipients and finds the one to unwrap it with. Thread-safe. */
public final class Envelope {
    /** More than any set has; a header that names more is not ours. */
    private static final int MOST_RECIPIENTS = 64;

    private static final int MOST_TRIES = 4;

    private Envelope() {}

    public static KeySection wrap(SetKey key, String set, List<WrappingKey> recipients) {
        if (recipients.isEmpty() || recipients.size() > MOST_RECIPIENTS) {
            throw new IllegalArgumentException("a set has 1 to " + MOST_RECIPIENTS + " recipients");
        }
        return new KeySection(
                key.id(),
                recipients.stream().map(recipient -> recipient.wrap(key.secret(), set, key.id())).toList());
    }

    /**
     * Unwraps with the first key that is right. A key that should be right and is not is remembered, not the end: another
     * recipient's may be.
     *
     * @return empty when none of the keys is one of the recipients'
     * @throws BackupException KEY_WRONG, KEY_DOCUMENT_INVALID, KEY_DERIVATION_TOO_COSTLY of the last one that should have
     *     opened it, when none did
     */
    public static Optional<SetKey> open(KeySection section, String set, KeyBunch atHand) {
        if (section.recipients().size() > MOST_RECIPIENTS) {
            throw new BackupException(
                    ErrorCode.KEY_DOCUMENT_INVALID,
                    "the key " + section.key() + " is wrapped for " + section.recipients().size() + " recipients; at most "
                            + MOST_RECIPIENTS + " are read",
                    "Use another copy of the backup set.");
        }
        BackupException failure = null;
        for (WrappingKey own : atHand.keys()) {
            List<WrappedKey> candidates = section.recipients().stream()
                    .filter(own::fits)
                    .sorted(Comparator.comparing((WrappedKey wrapped) -> !wrapped.id().equals(own.id())))
                    // of passphrases there may be several to try, each of which costs a second
                    .limit(MOST_TRIES)
                    .toList();
            for (WrappedKey wrapped : candidates) {
                try {
                    return Optional.of(committed(own, wrapped, set, section.key()));
                } catch (BackupException e) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return Optional.empty();
    }

    /** The id is derived from the key, so only the key that wrote the set can come out. */
    private static SetKey committed(WrappingKey own, WrappedKey wrapped, String set, String id) {
        byte[] secret = own.unwrap(wrapped, set, id);
        if (secret.length == SetKey.BYTES) {
            SetKey key = SetKey.of(secret);
            if (key.id().equals(id)) {
                return key;
            }
        }
        throw WrappingKey.wrong(own.name(), wrapped, null);
    }
}
