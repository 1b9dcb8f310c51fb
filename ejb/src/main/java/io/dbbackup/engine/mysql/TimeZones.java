package io.dbbackup.engine.mysql;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lets a throwaway server, whose tables of time zones are empty, know one by its name. Stateless. */
public final class TimeZones {
    /** What the servers' own programs write as well: columns of type timestamp hold nothing outside. */
    private static final Instant BEGIN = Instant.ofEpochSecond(Integer.MIN_VALUE);
    private static final Instant END = LocalDateTime.of(2038, 1, 19, 0, 0).toInstant(ZoneOffset.UTC);

    private TimeZones() {}

    /**
     * Does nothing for names that need no tables.
     *
     * @param sql session of a server of ours that does not know the name
     * @param name in whatever case
     * @return false when Java does not know it either
     */
    public static boolean define(Sql sql, String name) {
        if (name.isEmpty() || name.equalsIgnoreCase("SYSTEM") || name.matches("[+-].*")) {
            return true;
        }
        Optional<ZoneRules> rules = ZoneId.getAvailableZoneIds().stream()
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .map(known -> ZoneId.of(known).getRules());
        rules.ifPresent(known -> define(sql, name, known));
        return rules.isPresent();
    }

    /** The same with rules of one's own. */
    public static void define(Sql sql, String name, ZoneRules rules) {
        sql.run("INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')");
        long id = sql.number("SELECT last_insert_id()");
        List<Type> types = new ArrayList<>();
        List<String> transitions = new ArrayList<>();
        // before its first transition a zone has the first type
        Instant at = BEGIN;
        types.add(Type.of(rules, at));
        for (ZoneOffsetTransition next = rules.nextTransition(at); next != null && next.getInstant().isBefore(END);
                next = rules.nextTransition(at)) {
            at = next.getInstant();
            Type type = Type.of(rules, at);
            if (!types.contains(type)) {
                types.add(type);
            }
            transitions.add("(" + id + ", " + at.getEpochSecond() + ", " + types.indexOf(type) + ")");
        }
        for (int i = 0; i < types.size(); i++) {
            sql.update("INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST) VALUES (?, ?, ?, ?)",
                    id, i, types.get(i).seconds, types.get(i).summer);
        }
        if (!transitions.isEmpty()) {
            sql.run("INSERT INTO mysql.time_zone_transition (Time_zone_id, Transition_time, Transition_type_id) VALUES "
                    + String.join(", ", transitions));
        }
        // last: from now on it is found
        sql.update("INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES (?, ?)", name, id);
    }

    /** @param seconds in the east of Greenwich */
    private record Type(int seconds, boolean summer) {
        static Type of(ZoneRules rules, Instant at) {
            return new Type(rules.getOffset(at).getTotalSeconds(), rules.isDaylightSavings(at));
        }
    }
}
