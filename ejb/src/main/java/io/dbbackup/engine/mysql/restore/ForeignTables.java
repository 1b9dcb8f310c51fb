package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.MissingPrivileges;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.spi.RestoreContext;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What an account needs on tables and sequences of other databases, for foreign keys and defaults by them. */
final class ForeignTables {
    private static final Set<String> ALL = Set.of("REFERENCES", "SELECT", "INSERT");
    /** Any of these lets MariaDB's accounts refer to a table; MySQL wants REFERENCES. */
    private static final Set<String> REFER = Set.of("REFERENCES", "SELECT", "INSERT", "UPDATE", "DELETE");

    private final RestoreContext context;
    private final Sql sql;
    private final boolean mariadb;
    private final RunNames names;
    private final MissingPrivileges missing;

    ForeignTables(RestoreContext context, Sql sql, MissingPrivileges missing) {
        this.context = context;
        this.sql = sql;
        this.missing = missing;
        mariadb = ServerRelease.of(sql).vendor() == Vendor.MARIADB;
        names = new RunNames(context);
    }

    /** Adds what is missing, by the databases' names on the target. They need not exist. */
    void look(Privileges server) {
        if (server.missing(ALL).isEmpty()) {
            return;
        }
        for (RestoreTarget target : RestoreTarget.all(context)) {
            AfterData.read(context, target, definition -> {
                context.cancellation().check();
                if (definition.kind() == Definition.Kind.FOREIGN_KEYS) {
                    ForeignKeys.elsewhere(definition.statement()).forEach(key -> refer(target, key));
                } else if (definition.kind() == Definition.Kind.DEFAULTS) {
                    ColumnDefault.uses(definition.statement()).forEach(use -> count(target, use));
                }
            });
        }
    }

    private String name(RestoreTarget target, String database) {
        return names.other(target.entry().name(), database).orElse(database);
    }

    private void refer(RestoreTarget target, ForeignKeys.Reference reference) {
        String database = name(target, reference.database());
        Privileges here = Privileges.of(sql, database, reference.table());
        if (mariadb ? REFER.stream().noneMatch(here.held()::contains) : !here.held().contains("REFERENCES")) {
            missing.inDatabase(database, List.of("REFERENCES"));
        }
    }

    private void count(RestoreTarget target, ColumnDefault.Use use) {
        String database = name(target, use.database());
        Set<String> needed = new TreeSet<>(switch (use.function()) {
            case "lastval" -> Set.of("SELECT");
            case "setval" -> Set.of("INSERT");
            default -> Set.of("SELECT", "INSERT");
        });
        missing.inDatabase(database, Privileges.of(sql, database, use.sequence()).missing(needed));
    }
}
