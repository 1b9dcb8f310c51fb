package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.restore.ForeignKeyList.Key;
import io.dbbackup.engine.mysql.restore.ForeignKeyList.Table;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.util.function.BiPredicate;

/**
 * Counts rows without what their foreign keys refer to, since the server does not look while rows are loaded, nor when a key is added to
 * them. They stay, with a warning. One query per key, which brings a number alone; changes nothing. Not thread-safe.
 */
final class OrphanSearch {
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
    record End(Table table, boolean here, boolean inRun) {}

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
            for (Key key : ForeignKeyList.of(context, session.sql(), target.name())) {
                context.cancellation().check();
                if (chosen.test(search.end(key.from()), search.end(key.to()))) {
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
            // what somebody locks for long does not make a restore fail that is complete
            if (e.code().retryable() && e.code() != ErrorCode.DATABASE_TABLE_LOCKED) {
                throw e;
            }
            // a key may refer to what is not there: it was added with foreign_key_checks = 0
            if ((MysqlErrors.unknownTable(e) || e.code() == ErrorCode.UNKNOWN_DATABASE)
                    && !RestoreMarks.exists(sql, key.to().database(), key.to().name())) {
                warn(key, sql.number("SELECT count(*) " + key.referring()), ": there is no such table", key.referring());
            } else {
                context.warn(matter, within() + "foreign key " + Quoting.identifier(key.name()) + " of " + key.from().quoted() + " to "
                        + key.to().quoted() + " could not be checked: " + e.problem().cause()
                        + ". Rows may lack what they refer to; this finds them: SELECT c.* " + key.orphans());
            }
        }
    }

    private void warn(Key key, long rows, String why, String query) {
        if (rows == 0) {
            return;
        }
        End other = end(end(key.from()).here() ? key.to() : key.from());
        context.warn(matter, within() + rows + " rows of " + key.from().quoted() + " refer by foreign key " + Quoting.identifier(key.name())
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
