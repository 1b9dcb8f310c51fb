package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ComputedColumns;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.ZonedColumns;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** A table with STORED generated columns whose values depend on settings of the session that computes them. Stateless. */
final class ComputedTable {
    /** No such variable (any more), not this account's to set, no such value, none of this server's languages. */
    private static final Set<Integer> NOT_HERE = Set.of(1193, 1227, 1231, 1649);

    private static final int NO_COLUMN = 1054;

    private ComputedTable() {}

    /**
     * Gives a session the settings by which the values are what they were, before anything opens the table: MariaDB keeps how an open
     * table divides. What a server does not have, or the account may not set, is a warning. Tables of somebody else take rows only while the
     * server has nothing to warn of, and which text is no date it says by a warning: they are loaded by a mode that takes all.
     */
    static void enter(RestoreContext context, Session session, TableManifest table) {
        computed(context, table).ifPresent(computed -> computed.settings().forEach((variable, value) -> {
            String statement = ComputedColumns.enter(variable, value);
            refused(session, statement).ifPresent(cause -> context.warn("table \"" + table.name() + "\": the values of "
                    + String.join(", ", computed.columns()) + " are computed without " + statement + ", which the target refuses: " + cause));
        }));
    }

    private static Optional<ComputedColumns> computed(RestoreContext context, TableManifest table) {
        Optional<ComputedColumns> noted = RestoreTarget.properties(table).computed();
        return RestoreTarget.dataOnly(context) ? noted.map(ComputedColumns::withAllDates) : noted;
    }

    private static Optional<String> refused(Session session, String statement) {
        try {
            session.sql().run(statement);
            return Optional.empty();
        } catch (BackupException e) {
            if (!(e.getCause() instanceof SQLException origin) || !NOT_HERE.contains(origin.getErrorCode())) {
                throw e;
            }
            return Optional.of(e.problem().cause());
        }
    }

    /** Takes {@link #enter} back. */
    static void leave(Session session, TableManifest table) {
        RestoreTarget.properties(table).computed().ifPresent(
                computed -> computed.settings().keySet().forEach(variable -> refused(session, ComputedColumns.leave(variable))));
    }

    private static boolean same(Session session, ComputedColumns computed) {
        try {
            return session.sql().text(computed.query()).equals(computed.values());
        } catch (BackupException e) {
            if (!(e.getCause() instanceof SQLException origin) || origin.getErrorCode() != NO_COLUMN) {
                throw e;
            }
            // a table of somebody else does without
            return true;
        }
    }

    /** Compares the values with those of the source, when all rows are in, and warns where they differ. */
    static void compare(RestoreContext context, Session session, TableManifest table) {
        computed(context, table).filter(computed -> !computed.query().isEmpty()).ifPresent(computed -> {
            if (!same(session, computed)) {
                String columns = String.join(", ", computed.columns());
                context.warn("table \"" + table.name() + "\": the values of generated columns (" + columns + ") are not those of the source."
                        + " The server has computed them anew with " + computed.given() + ", and they depend on that. If the applications use other"
                        + " settings, or have changed them, execute SET SESSION "
                        + String.join(" = …, ", computed.given().keySet()) + " = …; " + ZonedColumns.rebuild(table.name())
                        + " with theirs, and make these the settings of the source (SET GLOBAL) before another backup");
            }
        });
    }
}
