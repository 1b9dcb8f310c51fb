package io.dbbackup.engine.mysql;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** All that MySQL and MariaDB do differently. Stateless. */
public enum Vendor {
    MYSQL("mysql", "MySQL", Set.of("json")) {
        @Override
        List<String> settings() {
            // statistics are otherwise cached in a table, which a reading session would then write
            return List.of("SET SESSION max_execution_time = 0, information_schema_stats_expiry = 0");
        }

        @Override
        public List<String> lock() {
            return List.of("LOCK INSTANCE FOR BACKUP", "FLUSH TABLES", "FLUSH TABLES WITH READ LOCK");
        }

        @Override
        public List<String> unlock() {
            return List.of("UNLOCK TABLES", "UNLOCK INSTANCE");
        }

        @Override
        public String gtid() {
            return "SELECT @@global.gtid_executed";
        }

        @Override
        public String binlogStatus(int release) {
            return release >= BINARY_LOG_STATUS ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
        }

        @Override
        String systemId() {
            return "SELECT @@server_uuid";
        }

        @Override
        public boolean uniqueChecksWhileLoading() {
            return false;
        }
    },
    MARIADB("mariadb", "MariaDB", Set.of("uuid", "inet6", "inet4")) {
        @Override
        List<String> settings() {
            return List.of("SET SESSION max_statement_time = 0, idle_transaction_timeout = 0,"
                    + " idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0");
        }

        @Override
        public List<String> lock() {
            return List.of(
                    "BACKUP STAGE START", "BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL", "BACKUP STAGE BLOCK_COMMIT");
        }

        @Override
        public List<String> unlock() {
            return List.of("BACKUP STAGE END");
        }

        @Override
        public String gtid() {
            return "SELECT @@global.gtid_binlog_pos";
        }

        @Override
        public String binlogStatus(int release) {
            return "SHOW MASTER STATUS";
        }

        @Override
        String systemId() {
            // MariaDB has no identity of its own that every version and every account can read
            return "SELECT ''";
        }

        /**
         * With unique_checks = 0 and foreign_key_checks = 0 the first load of an empty table takes a lock on it (10.6 and
         * later), and parts of one table would wait for each other.
         */
        @Override
        public boolean uniqueChecksWhileLoading() {
            return true;
        }
    };

    /** MySQL 8.4, as {@link ServerRelease} counts, has dropped the old name of the statement. */
    private static final int BINARY_LOG_STATUS = 804;

    private final String type;
    private final String title;
    private final Set<String> textTypes;

    Vendor(String type, String title, Set<String> textTypes) {
        this.type = type;
        this.title = title;
        this.textTypes = textTypes;
    }

    /** @param version what {@code SELECT version()} says */
    public static Vendor of(String version) {
        return version.toLowerCase(Locale.ROOT).contains("mariadb") ? MARIADB : MYSQL;
    }

    /** The {@code engine} in the configuration. */
    public String type() {
        return type;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** Whether a type (as in {@code information_schema.columns.data_type}) takes text in a character set, not bytes. */
    public boolean loadsAsText(String dataType) {
        return textTypes.contains(dataType.toLowerCase(Locale.ROOT));
    }

    /** Statements for every session; time limits of the administrator must not end a backup. */
    abstract List<String> settings();

    /** From the last of these statements to {@link #unlock()} no transaction commits, in any engine. */
    public abstract List<String> lock();

    public abstract List<String> unlock();

    /** Query for the GTIDs of the binary log. */
    public abstract String gtid();

    /** Statement whose first two columns are file and position of the binary log; no row when there is none. */
    public abstract String binlogStatus(int release);

    abstract String systemId();

    /** The value of {@code unique_checks} of loading sessions. */
    public abstract boolean uniqueChecksWhileLoading();
}
