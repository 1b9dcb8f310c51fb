package io.dbbackup.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Where a secret is, never the secret: {@code env:NAME}, {@code file:/path} or {@code credential:alias} (WildFly's
 * credential store).
 */
public record SecretRef(Kind kind, String value) {
    /** The places a secret can be read from. */
    public enum Kind {
        ENV,
        FILE,
        CREDENTIAL
    }

    @JsonValue
    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + ":" + value;
    }

    /** @throws BackupException INVALID_CONFIGURATION when the text is no reference */
    @JsonCreator
    public static SecretRef parse(String text) {
        int colon = text.indexOf(':');
        if (colon > 0 && colon < text.length() - 1) {
            for (Kind kind : Kind.values()) {
                if (kind.name().equalsIgnoreCase(text.substring(0, colon))) {
                    return new SecretRef(kind, text.substring(colon + 1));
                }
            }
        }
        // the text itself may be a secret that somebody pasted: it must not appear in the message
        throw new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "a secret is given in clear or by an unknown kind of reference",
                "Write env:NAME, file:/path/to/file or credential:alias.");
    }
}
