package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.TimeZones;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What keeps events of a set from running on the target, said before anything is changed: events are created last, after everything
 * else was done. A new server knows no time zone by name; and events that came to the source by replication run on its primary alone.
 */
final class EventCheck {
    /** As SHOW CREATE EVENT says it; words in a body may only lead to a warning too many. */
    private static final Pattern OF_PRIMARY = Pattern.compile("\\bON COMPLETION (?:NOT )?PRESERVE DISABLE ON (?:SLAVE|REPLICA)\\b");
    private static final int SHOWN = 20;

    private final RestoreContext context;
    private final Sql sql;

    EventCheck(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
    }

    /** @throws BackupException DATABASE_WRONG when the target does not know one; a throwaway server is told of it instead */
    void require() {
        Set<String> unknown = new TreeSet<>();
        List<String> idle = new ArrayList<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            if (target.properties(context).events() > 0) {
                AfterData.read(context, target, definition -> {
                    if (definition.kind() != Definition.Kind.EVENT) {
                        return;
                    }
                    if (!definition.timeZone().isEmpty()) {
                        unknown.add(definition.timeZone());
                    }
                    if (idle.size() <= SHOWN && OF_PRIMARY.matcher(definition.statement()).find()) {
                        idle.add(Quoting.qualified(target.name(), definition.name()));
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
        } else if (!idle.isEmpty()) {
            context.warn("the set was taken of a replica, on which these events were disabled since they run on its primary (DISABLE ON"
                    + " SLAVE); they do not run here either: " + String.join(", ", idle.subList(0, Math.min(SHOWN, idle.size())))
                    + (idle.size() > SHOWN ? " and more" : "") + ". Where " + context.target()
                    + " is to be a primary, execute ALTER EVENT … ENABLE for each");
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
