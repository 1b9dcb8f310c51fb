package io.dbbackup.service.config;

import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.notify.mail.MailSettings;
import io.dbbackup.spi.DatabaseEngine;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The plug-ins of the product, without a container. */
final class TestPlugins implements Plugins {
    @Override
    public SortedSet<String> engines() {
        return new TreeSet<>(Set.of("mariadb", "postgresql"));
    }

    @Override
    public int defaultPort(String engine) {
        return engine.equals("mariadb") ? 3306 : 5432;
    }

    @Override
    public String defaultDatabase(String engine) {
        return engine.equals("mariadb") ? "" : "postgres";
    }

    @Override
    public void checkOptions(String engine, Map<String, String> options) {
        engine(engine).validate(options);
    }

    @Override
    public void checkTogether(String engine, Map<String, String> options) {
        engine(engine).validateTogether(options);
    }

    private static DatabaseEngine engine(String name) {
        return name.equals("mariadb") ? new MariadbEngine() : new PostgresEngine();
    }

    @Override
    public SortedSet<String> stores() {
        return new TreeSet<>(Set.of("file"));
    }

    @Override
    public void checkStore(String type, Map<String, String> settings) {
        if (!settings.keySet().equals(Set.of("path"))) {
            throw new BackupException(ErrorCode.INVALID_CONFIGURATION, "path is missing", "Give an absolute path.");
        }
    }

    @Override
    public SortedSet<String> notifiers() {
        return new TreeSet<>(Set.of("mail"));
    }

    @Override
    public void checkNotifier(String type, Map<String, String> settings) {
        MailSettings.of(settings);
    }
}
