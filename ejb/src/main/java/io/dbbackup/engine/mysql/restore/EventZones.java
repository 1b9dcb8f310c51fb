package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.TimeZones;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.TreeSet;

/**
 * Time zones of the events of a set. A new server knows none by name, and events are created last: a restore is refused before anything
 * is changed, and not after everything else was done.
 */
final class EventZones {
    private final RestoreContext context;
    private final Sql sql;

    EventZones(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
    }

    /** @throws BackupException DATABASE_WRONG when the target does not know one; a throwaway server is told of it instead */
    void require() {
        Set<String> unknown = new TreeSet<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            if (target.properties(context).events() > 0) {
                AfterData.read(context, target, definition -> {
                    if (definition.kind() == Definition.Kind.EVENT && !definition.timeZone().isEmpty()) {
                        unknown.add(definition.timeZone());
                    }
                });
            }
        }
        unknown.removeIf(zone -> sql.truth("SELECT convert_tz('2020-01-01 00:00:00', '+00:00', ?) IS NOT NULL", zone));
        if (context.throwaway()) {
            unknown.forEach(this::add);
        } else if (!unknown.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    context.target() + " does not know the time zones of events of the set: " + String.join(", ", unknown),
                    "Load them on the target: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql -u root mysql (MariaDB:"
                            + " mariadb-tzinfo-to-sql … | mariadb -u root mysql), then restore again.");
        }
    }

    /** Events do not run there, so that an unknown zone may be another one. */
    private void add(String zone) {
        if (!TimeZones.define(sql, zone)) {
            context.warn("events of the set are in the time zone " + zone + ", which is unknown here: in the throwaway server it is UTC."
                    + " A restore needs a server that knows it");
            TimeZones.define(sql, zone, ZoneOffset.UTC.getRules());
        }
    }
}
