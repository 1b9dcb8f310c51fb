package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which databases a backup takes.
 *
 * @param chosen to be backed up, in the order of their names
 * @param leftOut of the cluster, each with the reason; template0 is not mentioned
 * @param ofServer how many a backup of all would take
 */
record DatabaseSelection(List<ServerCatalog.Database> chosen, Map<String, String> leftOut, int ofServer) {
    static final String CLOSED = "does not allow connections";
    /** Until a restore ends it is nobody's database, and afterwards it has its own name; one that was replaced is about to be dropped. */
    static final String UNFINISHED = "belongs to an unfinished restore";
    private static final Set<String> DEFAULTS = Set.of("postgres", "template1");

    /** True when there is something in the database that initdb did not put there. */
    private static final String TOUCHED = """
            SELECT EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't'
                           AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_'))
                OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_type WHERE oid >= 16384
                           AND typnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_'))
                OR EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(toast_)?temp_')
                OR EXISTS (SELECT FROM pg_extension WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_largeobject_metadata)
                OR EXISTS (SELECT FROM pg_event_trigger)
                OR EXISTS (SELECT FROM pg_publication)
                OR EXISTS (SELECT FROM pg_foreign_data_wrapper)
                OR EXISTS (SELECT FROM pg_default_acl)
                OR EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                           WHERE d.datname = current_database())
                OR EXISTS (SELECT FROM pg_namespace n JOIN pg_init_privs p
                                ON p.classoid = 'pg_namespace'::regclass AND p.objoid = n.oid
                           WHERE n.nspname = 'public' AND n.nspacl IS DISTINCT FROM p.initprivs)
                OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database()
                           AND (coalesce(shobj_description(d.oid, 'pg_database'), '') <>
                                    CASE d.datname WHEN 'postgres' THEN 'default administrative connection database'
                                                   WHEN 'template1' THEN 'default template for new databases' END
                                OR d.datname = 'postgres' AND d.datacl IS NOT NULL))
            """;

    DatabaseSelection {
        chosen = List.copyOf(chosen);
        leftOut = Map.copyOf(leftOut);
    }

    /** @throws BackupException UNKNOWN_DATABASE naming all that do not exist */
    static DatabaseSelection of(Endpoint endpoint, BackupSpec spec) {
        List<ServerCatalog.Database> all = ServerCatalog.databases(endpoint);
        DatabaseSelection selection = spec.wholeCluster() ? cluster(endpoint, spec, all) : named(endpoint, spec, all);
        // those that every cluster has count only where there is something in them
        int ofServer = (int) all.stream()
                .filter(database -> database.connectable() && !unfinished(database)
                        && (!DEFAULTS.contains(database.name()) || selection.chosen.contains(database)))
                .count();
        return new DatabaseSelection(selection.chosen, selection.leftOut, ofServer);
    }

    private static DatabaseSelection cluster(
            Endpoint endpoint, BackupSpec spec, List<ServerCatalog.Database> all) {
        List<ServerCatalog.Database> chosen = new ArrayList<>();
        Map<String, String> leftOut = new TreeMap<>();
        for (ServerCatalog.Database database : all) {
            String name = database.name();
            if (spec.excludedDatabases().contains(name)) {
                leftOut.put(name, "excluded by the configuration");
            } else if (unfinished(database)) {
                leftOut.put(name, UNFINISHED);
            } else if (!database.connectable()) {
                if (!name.equals("template0")) {
                    leftOut.put(name, CLOSED);
                }
            } else if (DEFAULTS.contains(name)
                    && !ServerCatalog.ask(endpoint, name, "default database", sql -> sql.truth(TOUCHED))) {
                leftOut.put(name, "holds nothing but what every new cluster has");
            } else {
                chosen.add(database);
            }
        }
        return new DatabaseSelection(chosen, leftOut, 0);
    }

    private static DatabaseSelection named(Endpoint endpoint, BackupSpec spec, List<ServerCatalog.Database> all) {
        List<ServerCatalog.Database> chosen =
                all.stream().filter(database -> spec.databases().contains(database.name())).toList();
        List<String> names = chosen.stream().map(ServerCatalog.Database::name).toList();
        List<String> missing = spec.databases().stream().filter(name -> !names.contains(name)).toList();
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    endpoint + " has no database " + quoted(missing),
                    "Names are case-sensitive; the server has " + quoted(all.stream()
                            .filter(ServerCatalog.Database::connectable)
                            .map(ServerCatalog.Database::name).limit(20).toList()) + ".");
        }
        List<String> unfinished = chosen.stream().filter(DatabaseSelection::unfinished).map(ServerCatalog.Database::name).toList();
        if (!unfinished.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    quoted(unfinished) + " on " + endpoint + " belong to unfinished restores, and are no databases yet, or not any more",
                    "Restart the run of that restore, then name the database as it is called then; or discard the run.");
        }
        List<String> closed = chosen.stream()
                .filter(database -> !database.connectable())
                .map(ServerCatalog.Database::name).toList();
        if (!closed.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_STATEMENT_FAILED,
                    "nobody may connect to " + quoted(closed) + " on " + endpoint,
                    "Run ALTER DATABASE … ALLOW_CONNECTIONS true, or leave the database out.");
        }
        return new DatabaseSelection(chosen, Map.of(), 0);
    }

    private static boolean unfinished(ServerCatalog.Database database) {
        return database.name().startsWith(RestoreMarks.PREFIX);
    }

    long bytes() {
        return chosen.stream().mapToLong(ServerCatalog.Database::bytes).sum();
    }

    static String quoted(List<String> names) {
        return names.stream().map(name -> "\"" + name + "\"").collect(java.util.stream.Collectors.joining(", "));
    }
}
