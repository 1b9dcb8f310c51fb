package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.restore.ForeignKeyList.Key;
import io.dbbackup.engine.mysql.restore.ForeignKeyList.Table;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Plural;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * Counts rows without what their foreign keys refer to, since the server does not look while rows are loaded, nor when a key is added to
 * them. They stay, with a warning. One query per key, which brings a number alone and which the server ends after an hour; changes nothing.
 * What keeps a query from its end is a warning: the restore is complete. Not thread-safe.
 */
final class OrphanSearch implements AutoCloseable {
    /** Seconds; somebody's LOCK TABLES would be waited for a day or a year. */
    private static final int LOCK_WAIT = 300;
    /** Tables of other databases may be of any size, and are kept from being altered meanwhile. */
    private static final Duration MOST = Duration.ofHours(1);
    /** Attempts at the item after which a connection that is lost is lost for what was asked: an item is tried no more often by itself. */
    private static final int TRIES = 3;

    private final RestoreContext context;
    private final RestoreTarget target;
    private final boolean lastTry;
    private final String matter;
    private boolean caseless;
    private Optional<Opened> opened = Optional.empty();

    private OrphanSearch(RestoreContext context, WorkItem item, RestoreTarget target, String title) {
        this.context = context;
        this.target = target;
        lastTry = item.attempt() >= TRIES;
        matter = title + " of " + target.name();
    }

    /** A session that ends with the run's cancellation. */
    private record Opened(Session session, Cancellation.Registration stop) {
        void close() {
            stop.close();
            session.close();
        }
    }

    /**
     * One end of a key.
     *
     * @param here whether the table is in the database of this search
     * @param inRun whether its database is one of the run's
     */
    record End(Table table, boolean here, boolean inRun) {}

    /**
     * Looks at the keys from and to tables of a database that has its final name. What an earlier attempt has warned of under that title is
     * found out anew.
     *
     * @param item of which this is an attempt
     * @param title of this search, for one database at most 200 characters
     * @param chosen whether a key with these ends is looked at
     */
    static void run(RestoreContext context, WorkItem item, RestoreTarget target, String title, BiPredicate<End, End> chosen) {
        try (OrphanSearch search = new OrphanSearch(context, item, target, title)) {
            search.caseless = RestoreMarks.caseless(search.sql());
            context.settled(search.matter);
            for (Key key : search.keys()) {
                context.cancellation().check();
                if (chosen.test(search.end(key.from()), search.end(key.to()))) {
                    search.look(key);
                }
            }
        }
    }

    /** Lets a session neither wait nor work for long in tables of others. */
    static void limit(Sql sql) {
        sql.run("SET SESSION lock_wait_timeout = " + LOCK_WAIT);
        sql.run(ServerRelease.of(sql).vendor().limit(MOST));
    }

    static boolean lost(BackupException e) {
        return e.code() == ErrorCode.DATABASE_CONNECTION_LOST || e.code() == ErrorCode.DATABASE_UNREACHABLE;
    }

    /** Of a new session where the last one is lost. */
    private Sql sql() {
        if (opened.isEmpty()) {
            Session session = Session.open(context.target(), target.name(), "check foreign keys");
            opened = Optional.of(new Opened(session, session.endWith(context.cancellation())));
            limit(session.sql());
        }
        return opened.get().session.sql();
    }

    @Override
    public void close() {
        opened.ifPresent(Opened::close);
        opened = Optional.empty();
    }

    private List<Key> keys() {
        List<Key> keys = new ArrayList<>();
        listed("from", keys, () -> ForeignKeyList.from(sql(), target.name()));
        listed("from other databases to", keys, () -> ForeignKeyList.toFromOthers(context, target.name(), caseless));
        return keys;
    }

    private void listed(String which, List<Key> keys, Supplier<List<Key>> more) {
        try {
            keys.addAll(more.get());
        } catch (BackupException e) {
            passOrThrow(e);
            context.warn(matter, within() + "the foreign keys " + which + " its tables could not be listed" + why(e)
                    + ". Rows may lack what they refer to; information_schema.key_column_usage has these keys");
        }
    }

    /** What somebody locks for long, or what takes too long, does not make a restore fail that is complete. */
    private void passOrThrow(BackupException e) {
        context.cancellation().check();
        if (lost(e) && lastTry) {
            close();
        } else if (e.code().retryable() && e.code() != ErrorCode.DATABASE_TABLE_LOCKED) {
            throw e;
        }
    }

    private static String why(BackupException e) {
        return (MysqlErrors.timedOut(e) ? " in the time that it may take, " + MOST.toMinutes() + " minutes: " : ": ") + e.problem().cause();
    }

    private void look(Key key) {
        try {
            warn(key, sql().number("SELECT count(*) " + key.orphans()), "", key.orphans());
        } catch (BackupException e) {
            passOrThrow(e);
            // a key may refer to what is not there: it was added with foreign_key_checks = 0
            if ((MysqlErrors.unknownTable(e) || e.code() == ErrorCode.UNKNOWN_DATABASE)
                    && !RestoreMarks.exists(sql(), key.to().database(), key.to().name())) {
                lookAtAll(key);
            } else {
                warnOfUnchecked(key, e, key.orphans());
            }
        }
    }

    /** Where there is nothing to refer to. */
    private void lookAtAll(Key key) {
        try {
            warn(key, sql().number("SELECT count(*) " + key.referring()), ": there is no such table", key.referring());
        } catch (BackupException e) {
            passOrThrow(e);
            warnOfUnchecked(key, e, key.referring());
        }
    }

    private void warnOfUnchecked(Key key, BackupException e, String query) {
        context.warn(matter, within() + "foreign key " + Quoting.identifier(key.name()) + " of " + key.from().quoted() + " to "
                + key.to().quoted() + " could not be checked" + why(e)
                + ". Rows may lack what they refer to; this finds them: SELECT c.* " + query);
    }

    private void warn(Key key, long rows, String why, String query) {
        if (rows == 0) {
            return;
        }
        End other = end(end(key.from()).here() ? key.to() : key.from());
        String from = key.from().quoted();
        context.warn(matter, within() + Plural.of(rows, "row of " + from + " refers", "rows of " + from + " refer") + " by foreign key " + Quoting.identifier(key.name())
                + " to rows of " + key.to().quoted() + " that are not there" + why + ". The server was not asked to look, and keeps them: "
                + (other.inRun() ? "" : "restore database \"" + other.table().database() + "\" of the same time, too, or ")
                + "add the missing rows, or delete these, which this finds: SELECT c.* " + query);
    }

    private String within() {
        return "database \"" + target.name() + "\": ";
    }

    private End end(Table table) {
        return new End(
                table, RestoreMarks.same(table.database(), target.name(), caseless),
                context.spec().whole().values().stream().anyMatch(name -> RestoreMarks.same(table.database(), name, caseless)));
    }
}
