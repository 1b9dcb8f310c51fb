package io.dbbackup.engine.postgresql.restore;

import static io.dbbackup.engine.postgresql.Quoting.identifier;
import static io.dbbackup.engine.postgresql.Quoting.literal;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Creating, finding and dropping databases of the target. */
final class TargetDatabase {
    /** What CREATE DATABASE says to a locale that the operating system lacks or that does not fit the encoding. */
    private static final Set<String> LOCALE_STATES = Set.of("42809", "22023");

    private TargetDatabase() {}

    /** 0 when there is none. */
    static long oid(Sql sql, String name) {
        return sql.number("SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = ?", name);
    }

    /** Oid of the database that this run created for a target; 0 when it has not yet. */
    static long created(RestoreContext context, RestoreTarget target) {
        AtomicLong oid = new AtomicLong();
        context.results(target.source(), RestoreKind.SCHEMA, done -> oid.set(done.result(CreatedDatabase.class).oid()));
        return oid.get();
    }

    /**
     * Drops a database that only this product can have given its name; one that is not there is ignored. Its sessions, if any,
     * are left-overs of killed runs.
     */
    static void dropTemporary(Sql sql, String name) {
        if (!name.startsWith(RestoreTarget.PREFIX)) {
            throw new IllegalArgumentException("not a temporary database: " + name);
        }
        if (sql.truth("SELECT coalesce((SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = ?), false)", name)) {
            sql.run("ALTER DATABASE " + identifier(name) + " IS_TEMPLATE false");
        }
        sql.run("DROP DATABASE IF EXISTS " + identifier(name) + " WITH (FORCE)");
    }

    /** Creates the database under its temporary name, with the settings that its own functions may need. */
    static void create(
            RestoreContext context, TargetSession maintenance, RestoreTarget target, DatabaseProperties properties) {
        Sql sql = maintenance.sql();
        String begin = "CREATE DATABASE " + identifier(target.temporaryName()) + " TEMPLATE template0 ENCODING "
                + literal(properties.encoding());
        String end = tablespace(context, sql, properties) + owner(context, properties);
        try {
            sql.run(begin + locale(properties, maintenance.major()) + end);
        } catch (BackupException e) {
            if (!localeMissing(e)) {
                throw e;
            }
            if (context.target().option(TargetOptions.LOCALE_FALLBACK).isEmpty()) {
                throw new BackupException(
                        ErrorCode.DATABASE_LOCALE_MISSING,
                        "database \"" + target.source() + "\" has locale " + properties.collate() + "/"
                                + properties.ctype() + " " + properties.locale() + ": "
                                + ((SQLException) e.getCause()).getMessage(),
                        "Install the locale on the target's machine and restart its server, then restart the run.",
                        e);
            }
            context.warn("locale " + properties.collate() + " of database \"" + target.source()
                    + "\" does not exist here: C was used instead, which only changes the order of sorting");
            sql.run(begin + " LC_COLLATE 'C' LC_CTYPE 'C'" + end);
        }
        applyOrWarn(context, sql, DatabaseSettings.early(properties, target.temporaryName()));
    }

    private static boolean localeMissing(BackupException e) {
        return e.getCause() instanceof SQLException sql && LOCALE_STATES.contains(sql.getSQLState());
    }

    private static String locale(DatabaseProperties properties, int targetMajor) {
        String libc = " LC_COLLATE " + literal(properties.collate()) + " LC_CTYPE " + literal(properties.ctype());
        if (targetMajor < 15) {
            return libc;
        }
        return libc + switch (properties.localeProvider()) {
            case "icu" -> " LOCALE_PROVIDER icu ICU_LOCALE " + literal(properties.locale())
                    + (properties.icuRules().isEmpty() ? "" : " ICU_RULES " + literal(properties.icuRules()));
            case "builtin" -> " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + literal(properties.locale());
            default -> " LOCALE_PROVIDER libc";
        };
    }

    private static String tablespace(RestoreContext context, Sql sql, DatabaseProperties properties) {
        String name = context.spec().tablespaces().of(properties.tablespace());
        if (context.spec().tablespaces().none() || name.isEmpty() || name.equals("pg_default")) {
            return "";
        }
        if (sql.truth("SELECT EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = ?)", name)) {
            return " TABLESPACE " + identifier(name);
        }
        context.warn("the target has no tablespace " + name + ": the default one was used");
        return "";
    }

    private static String owner(RestoreContext context, DatabaseProperties properties) {
        return context.spec().owners() && !properties.owner().isEmpty() ? " OWNER " + identifier(properties.owner()) : "";
    }

    /** Runs statements that a restore can do without; a failing one becomes a warning. */
    static void applyOrWarn(RestoreContext context, Sql sql, List<String> statements) {
        for (String statement : statements) {
            try {
                sql.run(statement);
            } catch (BackupException e) {
                if (e.code().retryable()) {
                    throw e;
                }
                context.warn("not applied: " + e.problem().cause());
            }
        }
    }
}
