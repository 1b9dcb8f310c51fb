package io.dbbackup.spi;

import java.util.Map;

/** Sends notifications of one type. Implemented by one {@code @ApplicationScoped} bean in the notifier's folder. */
public interface Notifier {
    /** The {@code type} in the configuration, for example {@code mail}. */
    String type();

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    void validate(Map<String, String> settings);

    /**
     * Sends one notification and returns when the receiving server has taken it.
     *
     * @throws io.dbbackup.model.BackupException NOTIFICATION_FAILED with the server's answer
     */
    void send(Map<String, String> settings, Notification notification);
}
