package io.dbbackup.notify.mail;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of a mail channel, checked.
 *
 * @param to at least one address
 * @param from empty: the sender of the server's mail session
 */
public record MailSettings(List<InternetAddress> to, Optional<InternetAddress> from, String subjectPrefix) {
    public static final String DEFAULT_PREFIX = "[dbbackup]";
    private static final Set<String> KEYS = Set.of("to", "from", "subjectPrefix");

    public MailSettings {
        to = List.copyOf(to);
    }

    /** @throws BackupException INVALID_CONFIGURATION naming the setting */
    public static MailSettings of(Map<String, String> settings) {
        TreeSet<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw invalid("mail has no setting " + String.join(", ", unknown), "Use to, from and subject_prefix.");
        }
        String to = settings.getOrDefault("to", "");
        if (to.isBlank()) {
            throw invalid("to is missing", "Give the addresses that the mail goes to.");
        }
        Optional<InternetAddress> from = Optional.ofNullable(settings.get("from")).map(text -> {
            List<InternetAddress> senders = addresses("from", text);
            if (senders.size() != 1) {
                throw invalid("from has more than one address", "Give one address.");
            }
            return senders.get(0);
        });
        String prefix = settings.getOrDefault("subjectPrefix", DEFAULT_PREFIX);
        if (prefix.chars().anyMatch(Character::isISOControl)) {
            throw invalid("subject_prefix has a control character", "Give one line of text.");
        }
        return new MailSettings(addresses("to", to), from, prefix.strip());
    }

    private static List<InternetAddress> addresses(String key, String text) {
        try {
            return List.of(InternetAddress.parse(text, true)).stream().map(MailSettings::complete).toList();
        } catch (AddressException e) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    key + " is \"" + text + "\", which is no list of mail addresses: " + e.getMessage(),
                    "Give addresses such as dba@example.org, separated by commas.",
                    e);
        }
    }

    private static InternetAddress complete(InternetAddress address) {
        if (!address.getAddress().contains("@")) {
            throw invalid(
                    "\"" + address.getAddress() + "\" is no complete mail address", "Give an address such as dba@example.org.");
        }
        return address;
    }

    private static BackupException invalid(String cause, String remedy) {
        return new BackupException(ErrorCode.INVALID_CONFIGURATION, cause, remedy);
    }
}
