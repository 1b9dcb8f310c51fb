package io.dbbackup.engine.postgresql.restore;

import static io.dbbackup.engine.postgresql.Quoting.identifier;
import static io.dbbackup.engine.postgresql.Quoting.literal;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.DatabaseProperties.Setting;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code ALTER DATABASE … SET} and {@code ALTER ROLE … IN DATABASE … SET}. */
final class DatabaseSettings {
    /** Settings that are lists of names (GUC_LIST_QUOTE in the server's source). */
    private static final Set<String> LISTS = Set.of(
            "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries",
            "local_preload_libraries", "unix_socket_directories");
    /** Settings that could keep the restore itself from connecting or writing: set when everything is done. */
    private static final Set<String> LATE = Set.of(
            "session_preload_libraries", "local_preload_libraries", "default_transaction_read_only",
            "transaction_read_only", "default_transaction_isolation", "default_transaction_deferrable", "role",
            "session_authorization", "session_replication_role", "statement_timeout", "lock_timeout",
            "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout", "default_tablespace",
            "temp_tablespaces", "temp_file_limit", "check_function_bodies", "default_table_access_method",
            "allow_system_table_mods", "ignore_checksum_failure", "zero_damaged_pages", "synchronous_commit");

    private DatabaseSettings() {}

    /**
     * Settings that the sessions of the restore should have as applications have them, because functions in the
     * database may depend on them.
     */
    static List<String> early(DatabaseProperties properties, String database) {
        return properties.settings().stream()
                .filter(DatabaseSettings::isEarly)
                .map(setting -> statement(setting, database))
                .toList();
    }

    static List<String> late(DatabaseProperties properties, String database) {
        return properties.settings().stream()
                .filter(setting -> !isEarly(setting))
                .map(setting -> statement(setting, database))
                .toList();
    }

    private static boolean isEarly(Setting setting) {
        return setting.role().isEmpty() && !LATE.contains(setting.name());
    }

    private static String statement(Setting setting, String database) {
        String whose = setting.role().isEmpty()
                ? "ALTER DATABASE " + identifier(database)
                : "ALTER ROLE " + identifier(setting.role()) + " IN DATABASE " + identifier(database);
        return whose + " SET " + name(setting.name()) + " TO " + value(setting);
    }

    /** {@code "plpgsql"."check_asserts"}: each word of a custom setting is a name of its own. */
    private static String name(String setting) {
        return List.of(setting.split("\\.")).stream()
                .map(io.dbbackup.engine.postgresql.Quoting::identifier)
                .collect(Collectors.joining("."));
    }

    private static String value(Setting setting) {
        if (!LISTS.contains(setting.name())) {
            return literal(setting.value());
        }
        List<String> names = SearchPath.names(setting.value());
        return names.isEmpty()
                ? "''"
                : names.stream().map(io.dbbackup.engine.postgresql.Quoting::literal).collect(Collectors.joining(", "));
    }
}
