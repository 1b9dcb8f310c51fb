package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlOptions;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.ZonedColumns;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;

/** A table whose rows were loaded in UTC and whose generated columns are to be computed in another time zone. */
final class ZonedTable {
    /** Where a key cannot be built. */
    static final String REMEDY = "Name the time zone in which the applications write in the option generatedTimeZone of the target, then"
            + " restart the run. For a verification name it in that option of the source and take another backup. If it is the right one,"
            + " compare the collations of both servers.";

    private static final int UNKNOWN_ZONE = 1298;
    /** What stands in a statement for a time zone that only the reader knows; plain, so that it is shown as it is. */
    private static final String OTHER = "Area/City";

    private final RestoreContext context;
    private final Session session;
    private final TableManifest table;
    private final ZonedColumns zoned;
    private final String zone;

    private ZonedTable(RestoreContext context, Session session, TableManifest table, ZonedColumns zoned) {
        this.context = context;
        this.session = session;
        this.table = table;
        zone = zone(context, zoned);
        this.zoned = zoned.in(zone);
    }

    /** What the operator says counts more than what the backup has found out. */
    static String zone(RestoreContext context, ZonedColumns zoned) {
        return MysqlOptions.generatedZone(context.target()).orElse(zoned.zone());
    }

    /**
     * Computes the values, builds the keys in the same time zone, and compares what comes of it with the source. Repeatable. The session
     * is in UTC again when this returns, and of no use when it fails.
     */
    static void complete(RestoreContext context, Session session, TableManifest table, ZonedColumns zoned, Runnable keys) {
        new ZonedTable(context, session, table, zoned).complete(keys);
    }

    private void complete(Runnable keys) {
        boolean entered = enter();
        if (entered && zoned.rebuilt()) {
            // rows that break a rule came in, and must not be kept from it now
            session.sql().run("SET SESSION foreign_key_checks = 0");
            session.sql().run(ZonedColumns.rebuild(table.name()));
        }
        keys.run();
        session.sql().run(ZonedColumns.enter(ZonedColumns.UTC));
        compare(entered);
    }

    private boolean enter() {
        try {
            session.sql().run(ZonedColumns.enter(zone));
            return true;
        } catch (BackupException e) {
            if (!(e.getCause() instanceof SQLException origin) || origin.getErrorCode() != UNKNOWN_ZONE) {
                throw e;
            }
            warn("were computed in UTC, since this server does not know the time zone " + zone + " of the source",
                    "Load its time zones (mysql_tzinfo_to_sql) and restore again, or name the offset in the option generatedTimeZone of"
                            + " the target, or", zone);
            return false;
        }
    }

    private void compare(boolean entered) {
        if (!zoned.query().isEmpty()) {
            if (!session.sql().text(zoned.query()).equals(zoned.values())) {
                warn("are not those of the source, computed in the time zone " + (entered ? shown() : ZonedColumns.UTC),
                        "If the applications use another time zone, name it in the option generatedTimeZone of the target and restore"
                                + " again, or", OTHER);
            }
        } else if (entered && zone.equals("SYSTEM") && !system().equals(zoned.system())) {
            warn("were computed in the time zone " + shown() + ", where SYSTEM was " + zoned.system() + " on the source",
                    "If that is another one, name it in the option generatedTimeZone of the target and restore again, or", OTHER);
        }
    }

    private String system() {
        return session.sql().text("SELECT @@global.system_time_zone");
    }

    private String shown() {
        return zone.equals("SYSTEM") ? "SYSTEM (" + system() + ")" : zone;
    }

    private void warn(String what, String remedy, String right) {
        context.warn("table \"" + table.name() + "\": the values of " + zoned.shown() + " depend on a time zone and " + what + ". "
                + remedy + " execute " + ZonedColumns.enter(right) + "; " + ZonedColumns.rebuild(table.name()));
    }

    /** In a table of somebody else the values of all rows would change. */
    static void warnOfUtc(RestoreContext context, TableManifest table) {
        RestoreTarget.properties(table).zoned().ifPresent(zoned -> context.warn("table \"" + table.name() + "\": the values of "
                + zoned.shown() + " depend on a time zone, and those of the rows that are loaded are computed in UTC, not in "
                + zone(context, zoned) + ". If all rows of the table are to have those of one time zone, execute "
                + ZonedColumns.enter(zone(context, zoned)) + "; " + ZonedColumns.rebuild(table.name())));
    }
}
