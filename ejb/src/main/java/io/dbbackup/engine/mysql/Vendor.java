package io.dbbackup.engine.mysql;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** All that MySQL and MariaDB do differently. Stateless. */
public enum Vendor {
    MYSQL("mysql", "MySQL", Set.of("json")) {
        @Override
        List<String> settings() {
            // statistics are otherwise cached in a table, which a reading session would then write
            return List.of("SET SESSION max_execution_time = 0, information_schema_stats_expiry = 0,"
                    + " cte_max_recursion_depth = 4294967295");
        }

        /** Where that is off, the primary keys that the server has made itself (8.0.30) are in no answer, and so in no set. */
        @Override
        void reveal(Sql sql) {
            sql.turnOn("show_gipk_in_create_table_and_information_schema");
        }

        @Override
        public String limit(Duration most) {
            return "SET SESSION max_execution_time = " + most.toMillis();
        }

        @Override
        public Optional<String> definitionsLock() {
            return Optional.of("LOCK INSTANCE FOR BACKUP");
        }

        @Override
        public Optional<String> definitionsPrivilege() {
            return Optional.of("BACKUP_ADMIN");
        }

        /** Makes the lock itself quick; LOCAL: not for replicas. */
        @Override
        public List<String> beforeLock() {
            return List.of("FLUSH LOCAL TABLES");
        }

        @Override
        public List<String> lock() {
            return List.of("FLUSH TABLES WITH READ LOCK");
        }

        @Override
        public String mayCompare() {
            return "SELECT @@global.gtid_mode = 'ON'";
        }

        @Override
        public String comparesBy() {
            return "a binary log with gtid_mode = ON";
        }

        @Override
        public List<String> unlock() {
            return List.of("UNLOCK TABLES");
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
        public String server() {
            return "SELECT concat(@@hostname, ':', @@port, ' (', @@server_uuid, ')')";
        }

        /** It has no such setting. */
        @Override
        public List<String> unchecked() {
            return List.of();
        }

        @Override
        public boolean uniqueChecksWhileLoading() {
            return false;
        }
    },
    MARIADB("mariadb", "MariaDB", Set.of("uuid", "inet6", "inet4")) {
        @Override
        List<String> settings() {
            // tables with versions show the rows of another time otherwise; IF EXISTS lets a RENAME or DROP do nothing without an error
            return List.of("SET SESSION max_statement_time = 0, idle_transaction_timeout = 0,"
                    + " idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0,"
                    + " max_recursive_iterations = 4294967295, system_versioning_alter_history = KEEP,"
                    + " system_versioning_asof = DEFAULT, check_constraint_checks = 1, sql_if_exists = 0");
        }

        /** Without that word (10.11.6 and later) the server says nothing of spaces that it cuts off. */
        @Override
        void reveal(Sql sql) {
            sql.list("SHOW SESSION VARIABLES WHERE variable_name = 'note_verbosity' AND value NOT LIKE '%basic%'", row -> row.getString(1))
                    .forEach(variable -> sql.run("SET SESSION " + variable + " = 'basic'"));
        }

        @Override
        public String limit(Duration most) {
            return "SET SESSION max_statement_time = " + most.toSeconds();
        }

        @Override
        public Optional<String> definitionsLock() {
            return Optional.empty();
        }

        @Override
        public List<String> beforeLock() {
            return List.of("BACKUP STAGE START", "BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL");
        }

        /** With a binary log of its own, a session keeps the locks on what it has read when it goes back to a savepoint. */
        @Override
        public List<String> beforeSnapshot() {
            return List.of("SET SESSION sql_log_bin = 0");
        }

        @Override
        public Set<String> sparingPrivileges() {
            return Set.of("BINLOG ADMIN", "RELOAD");
        }

        @Override
        public List<String> lock() {
            return List.of("BACKUP STAGE BLOCK_COMMIT");
        }

        @Override
        public String mayCompare() {
            // what a replica does for its primary is not in its own log otherwise; that of a MySQL keeps no GTIDs here
            return "SELECT @@global.log_slave_updates OR @@global.gtid_slave_pos = '' AND (SELECT variable_value"
                    + " FROM information_schema.global_status WHERE variable_name = 'SLAVES_RUNNING') = 0";
        }

        @Override
        public String comparesBy() {
            return "a binary log (with log_slave_updates on a replica)";
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

        /** Containers may be alike in everything that is configured, so the moment of the start is asked for, too. */
        @Override
        public String server() {
            return """
                    SELECT concat(@@hostname, ':', @@port, ' (', (SELECT group_concat(lower(variable_name), ' ', variable_value
                            ORDER BY variable_name SEPARATOR ', ') FROM information_schema.global_variables
                        WHERE variable_name IN ('SERVER_ID', 'SERVER_UID', 'DATADIR', 'WSREP_NODE_NAME', 'WSREP_NODE_ADDRESS')),
                        ', up since ', (SELECT from_unixtime(unix_timestamp() - CAST(variable_value AS SIGNED))
                            FROM information_schema.global_status WHERE variable_name = 'UPTIME'), ')')
                    """;
        }

        /** JSON is a text with a rule, too, which would be parsed for it. */
        @Override
        public List<String> unchecked() {
            return List.of("SET SESSION check_constraint_checks = 0");
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
    /** MySQL 8.0.17. */
    private static final int HEX_HASHES = 17;

    private static final Set<String> GEOMETRY = Set.of(
            "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
            "geometrycollection", "geomcollection");

    /** BIT is none: its bytes are its value. */
    private static final Set<String> NUMBERS = Set.of(
            "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year");

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

    /** Name of the client program. */
    public String client() {
        return this == MARIADB ? "mariadb" : "mysql";
    }

    /** How the server's programs come to a machine. */
    public String serverPackage() {
        return this == MARIADB ? "apt-get install mariadb-server" : "apt-get install mysql-server, from repo.mysql.com";
    }

    /** What an account needs to ask for the place in the binary log. */
    public String positionPrivilege() {
        return this == MARIADB ? "BINLOG MONITOR" : "REPLICATION CLIENT";
    }

    /** Query for user, host and whether it is one of MariaDB's roles; the server's own accounts are left out, roles are first. */
    public String accounts() {
        return this == MARIADB
                ? "SELECT user, host, is_role = 'Y' FROM mysql.user WHERE user <> 'mariadb.sys'"
                        + " ORDER BY is_role = 'Y' DESC, user, host"
                : "SELECT user, host, false FROM mysql.user"
                        + " WHERE user NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema') ORDER BY user, host";
    }

    /** The sql_mode for statements about accounts: MariaDB's GRANT would otherwise create who is missing, without a password. */
    public String accountMode() {
        return this == MARIADB ? "NO_AUTO_CREATE_USER" : "";
    }

    /** What a session needs that reads accounts: passwords' hashes may hold any bytes. */
    public List<String> accountSettings(int release, String version) {
        return this == MYSQL && (release > 800 || Integer.parseInt(version.replaceAll("^8\\.0\\.(\\d+).*", "$1")) >= HEX_HASHES)
                ? List.of("SET SESSION print_identified_with_as_hex = ON")
                : List.of();
    }

    /**
     * SHOW CREATE USER without the roles that are active from the beginning, which have to be granted before.
     *
     * @param account as in GRANT
     * @throws io.dbbackup.model.BackupException when the server does not know the account, or does not tell
     */
    public String shownAccount(Sql sql, String account) {
        String statement = Certificates.mending(sql, Account.of(account)).apply(String.join("", sql.shown("SHOW CREATE USER " + account)));
        // older releases of 8.0 use apostrophes here
        String part = "(?:`(?:[^`]|``)*`|'(?:[^'\\\\]|''|\\\\.)*')";
        String name = part + "@" + part;
        return this == MARIADB ? statement : statement.replaceFirst(" DEFAULT ROLE " + name + "(?:," + name + ")*", "");
    }

    /** Statements that make roles active from the beginning; MariaDB has them in SHOW GRANTS. */
    public List<String> defaultRoles(Sql sql, Account account) {
        return this == MARIADB
                ? List.of()
                : sql.list(
                        "SELECT default_role_user, default_role_host FROM mysql.default_roles WHERE user = ? AND host = ?",
                        row -> new Account(row.getString(1), row.getString(2), false).quoted(), account.user(),
                        account.host()).stream().reduce((a, b) -> a + ", " + b).stream()
                        .map(roles -> "SET DEFAULT ROLE " + roles + " TO " + account.quoted()).toList();
    }

    /**
     * Whether LOAD DATA cannot fill such a column: MySQL calls a NOT NULL geometry missing when there is a list of columns
     * (error 1364).
     */
    public boolean insertsOnly(String dataType, boolean required) {
        return this == MYSQL && required && GEOMETRY.contains(dataType.toLowerCase(Locale.ROOT));
    }

    /** Bytes of a field beyond which INSERT is faster: MySQL's LOAD DATA takes the square of the time for twice the field. */
    public int longestLoadedField() {
        return this == MYSQL ? 4 << 20 : Integer.MAX_VALUE;
    }

    /** Whether a type (as in {@code information_schema.columns.data_type}) takes text in a character set, not bytes. */
    public boolean loadsAsText(String dataType) {
        return textTypes.contains(dataType.toLowerCase(Locale.ROOT));
    }

    /**
     * The same for a value in the place of a question mark, which the driver sends as a constant in hexadecimal digits: where a
     * number is wanted, MySQL takes that for a number (MySQL manual, "Hexadecimal Literals"); MariaDB never does.
     */
    public boolean insertsAsText(String dataType) {
        return loadsAsText(dataType) || this == MYSQL && NUMBERS.contains(dataType.toLowerCase(Locale.ROOT));
    }

    /** What lists the tables of InnoDB with their numbers. */
    public String innodbTables() {
        return "information_schema." + (this == MARIADB ? "innodb_sys_tables" : "innodb_tables");
    }

    /** Whether LOAD DATA warns of the value of an ENUM that has no name, although it stores it when it is given by its number. */
    public boolean warnsOfNameless() {
        return this == MARIADB;
    }

    /** Query for the collations that the server knows. */
    public String collations() {
        // some of MariaDB's have names that are complete with a character set only
        return this == MARIADB
                ? "SELECT full_collation_name FROM information_schema.collation_character_set_applicability"
                : "SELECT collation_name FROM information_schema.collations";
    }

    /** Statements for every session; time limits of the administrator must not end a backup. */
    abstract List<String> settings();

    /** Gives a session settings, if the server has them, without which it would tell less than there is. */
    abstract void reveal(Sql sql);

    /** Lets the server end each SELECT of the session that takes longer, see {@link MysqlErrors#timedOut}. */
    public abstract String limit(Duration most);

    /** Keeps changes of definitions away until the session ends; an account without that privilege does without. */
    public abstract Optional<String> definitionsLock();

    /** What {@link #definitionsLock()} takes. */
    public Optional<String> definitionsPrivilege() {
        return Optional.empty();
    }

    /** Statements for the sessions that will hold the snapshot, if the account may say them: they spare others waiting. */
    public List<String> beforeSnapshot() {
        return List.of();
    }

    /** Privileges without which {@link #beforeSnapshot()} is not said. */
    public Set<String> sparingPrivileges() {
        return Set.of();
    }

    /** What prepares the lock and holds up no transaction, only changes of definitions. */
    public abstract List<String> beforeLock();

    /** From here to {@link #unlock()} no transaction commits, in any engine. */
    public abstract List<String> lock();

    /** Query whether the binary log, if there is one, can prove without a lock that snapshots are of the same instant. */
    public abstract String mayCompare();

    /** What {@link #mayCompare()} asks for, for people. */
    public abstract String comparesBy();

    public abstract List<String> unlock();

    /** Query for the GTIDs of the binary log. */
    public abstract String gtid();

    /** Statement whose first two columns are file and position of the binary log; no row when there is none. */
    public abstract String binlogStatus(int release);

    abstract String systemId();

    /** Query for what tells a running server from every other one, for people, too; any account may ask it. */
    public abstract String server();

    /**
     * Settings of sessions that load rows into tables of our own: what broke a rule in the source, with the checks off or before there
     * was the rule, comes back as it was.
     */
    public abstract List<String> unchecked();

    /** The value of {@code unique_checks} of loading sessions. */
    public abstract boolean uniqueChecksWhileLoading();
}
