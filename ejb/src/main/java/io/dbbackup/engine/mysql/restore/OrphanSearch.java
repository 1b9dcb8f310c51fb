package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * Counts rows without what their foreign keys refer to, since the server does not look while rows are loaded, nor when a key is added to
 * them. They stay, with a warning. One query per key, whose rows stay on the server; changes nothing. Not thread-safe.
 */
final class OrphanSearch {
    private static final String KEYS = "SELECT constraint_schema, constraint_name, table_schema, table_name,"
            + " referenced_table_schema, referenced_table_name, column_name, referenced_column_name"
            + " FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL"
            + " AND (table_schema = ? OR referenced_table_schema = ?)"
            + " ORDER BY constraint_schema, table_name, constraint_name, ordinal_position";
    /** Seconds; somebody's LOCK TABLES would be waited for a day or a year. */
    private static final int LOCK_WAIT = 300;

    private final RestoreContext context;
    private final RestoreTarget target;
    private final Sql sql;
    private final boolean caseless;
    private final String matter;

    private OrphanSearch(RestoreContext context, RestoreTarget target, Sql sql, String matter) {
        this.context = context;
        this.target = target;
        this.sql = sql;
        this.matter = matter;
        this.caseless = RestoreMarks.caseless(sql);
    }

    /**
     * One end of a key.
     *
     * @param here whether the table is in the database of this search
     * @param inRun whether its database is one of the run's
     */
    record End(String database, String table, boolean here, boolean inRun) {
        String quoted() {
            return Quoting.qualified(database, table);
        }
    }

    private record Key(String name, End from, End to, List<String> columns, List<String> toColumns) {
        /** Rows that refer to something: one with a NULL among these columns does not (MATCH SIMPLE). */
        String referring() {
            return "FROM " + from.quoted() + " c WHERE " + columns.stream()
                    .map(column -> "c." + Quoting.identifier(column) + " IS NOT NULL").collect(Collectors.joining(" AND "));
        }

        String orphans() {
            List<String> equal = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                equal.add("p." + Quoting.identifier(toColumns.get(i)) + " = c." + Quoting.identifier(columns.get(i)));
            }
            return referring() + " AND NOT EXISTS (SELECT 1 FROM " + to.quoted() + " p WHERE " + String.join(" AND ", equal) + ")";
        }
    }

    /**
     * Looks at the keys from and to tables of a database that has its final name. What an earlier attempt has warned of under that title is
     * found out anew.
     *
     * @param title of this search, for one database at most 200 characters
     * @param chosen whether a key with these ends is looked at
     */
    static void run(RestoreContext context, RestoreTarget target, String title, BiPredicate<End, End> chosen) {
        try (Session session = Session.open(context.target(), target.name(), "check foreign keys");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            session.sql().run("SET SESSION lock_wait_timeout = " + LOCK_WAIT);
            OrphanSearch search = new OrphanSearch(context, target, session.sql(), title + " of " + target.name());
            context.settled(search.matter);
            for (Key key : search.keys()) {
                context.cancellation().check();
                if (chosen.test(key.from, key.to)) {
                    search.look(key);
                }
            }
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private void look(Key key) {
        try {
            warn(key, sql.number("SELECT count(*) " + key.orphans()), "", key.orphans());
        } catch (BackupException e) {
            context.cancellation().check();
            if (e.code().retryable()) {
                throw e;
            }
            // a key may refer to what is not there: it was added with foreign_key_checks = 0
            if ((MysqlErrors.unknownTable(e) || e.code() == ErrorCode.UNKNOWN_DATABASE) && !RestoreMarks.exists(sql, key.to.database, key.to.table)) {
                warn(key, sql.number("SELECT count(*) " + key.referring()), ": there is no such table", key.referring());
            } else {
                context.warn(matter, within() + "foreign key " + Quoting.identifier(key.name) + " of " + key.from.quoted() + " to "
                        + key.to.quoted() + " could not be checked: " + e.problem().cause()
                        + ". Rows may lack what they refer to; this finds them: SELECT c.* " + key.orphans());
            }
        }
    }

    private void warn(Key key, long rows, String why, String query) {
        if (rows == 0) {
            return;
        }
        End other = key.from.here ? key.to : key.from;
        context.warn(matter, within() + rows + " rows of " + key.from.quoted() + " refer by foreign key " + Quoting.identifier(key.name)
                + " to rows of " + key.to.quoted() + " that are not there" + why + ". The server was not asked to look, and keeps them: "
                + (other.inRun ? "" : "restore database \"" + other.database + "\" of the same time, too, or ")
                + "add the missing rows, or delete these, which this finds: SELECT c.* " + query);
    }

    private String within() {
        return "database \"" + target.name() + "\": ";
    }

    private End end(String database, String table) {
        return new End(
                database, table, RestoreMarks.same(database, target.name(), caseless),
                context.spec().whole().values().stream().anyMatch(name -> RestoreMarks.same(database, name, caseless)));
    }

    private Iterable<Key> keys() {
        Map<List<String>, Key> keys = new LinkedHashMap<>();
        sql.list(
                KEYS,
                row -> {
                    Key key = new Key(
                            row.getString(2), end(row.getString(3), row.getString(4)), end(row.getString(5), row.getString(6)),
                            new ArrayList<>(), new ArrayList<>());
                    Key found = keys.computeIfAbsent(List.of(row.getString(1), key.from.table, key.name), name -> key);
                    found.columns.add(row.getString(7));
                    found.toColumns.add(row.getString(8));
                    return found;
                },
                target.name(), target.name());
        return keys.values();
    }
}
