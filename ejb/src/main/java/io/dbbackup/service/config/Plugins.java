package io.dbbackup.service.config;

import java.util.Map;
import java.util.SortedSet;

/** What is installed and may be named in a configuration. The checks touch no server and no store. */
public interface Plugins {
    SortedSet<String> engines();

    int defaultPort(String engine);

    /** Empty when sources of that engine have no {@code database}. */
    String defaultDatabase(String engine);

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the option */
    void checkOptions(String engine, Map<String, String> options);

    /**
     * For options that have passed {@link #checkOptions}.
     *
     * @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming those that do not go together
     */
    void checkTogether(String engine, Map<String, String> options);

    SortedSet<String> stores();

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    void checkStore(String type, Map<String, String> settings);

    SortedSet<String> notifiers();

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    void checkNotifier(String type, Map<String, String> settings);
}
