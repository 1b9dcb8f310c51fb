package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Looks at set and target before anything is changed. */
final class RestorePreflight {
    private static final int LONGEST_NAME = 64;
    private static final int SHOWN = 20;
    static final Set<String> RESERVED = Set.of("mysql", "information_schema", "performance_schema", "sys");

    private final RestoreContext context;

    RestorePreflight(RestoreContext context) {
        this.context = context;
    }

    void check() {
        if (!context.spec().tablespaces().mapping().isEmpty()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "a mapping of tablespaces is given, and " + context.target() + " is no PostgreSQL",
                    "Leave mapTablespaces out.");
        }
        if (context.spec().suspendTriggers() && !RestoreTarget.dataOnly(context)) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "suspendTriggers is given, and set " + context.set().manifest().set()
                            + " brings its own tables, whose triggers are created when their rows are in",
                    "Leave suspendTriggers out.");
        }
        try (Session session = Session.open(context.target(), "", "restore preflight")) {
            checkServer(session);
            checkNames(session.sql().truth("SELECT @@lower_case_table_names"));
            Definer.check(context, session.sql());
            if (RestoreTarget.dataOnly(context)) {
                new PrivilegeCheck(context, session.sql()).requireAccounts();
                RestoreTarget.all(context).forEach(target -> new DataPreflight(context, target, session.sql()).check());
            } else {
                new PrivilegeCheck(context, session.sql()).run();
                requireTimestampsAsWritten(session.sql());
                new PrimaryKeyCheck(context, session.sql()).require();
                new CollationCheck(context, session.sql()).run();
                new EventCheck(context, session.sql()).require();
                requireLoggedSequences(session.sql());
                checkExisting(session.sql());
            }
        }
    }

    /** A MariaDB cannot log as statements what sequences do, and neither lets them go on nor makes columns that count by them (error 1665). */
    private void requireLoggedSequences(Sql sql) {
        if (ServerRelease.of(sql).vendor() != Vendor.MARIADB
                || !sql.truth("SELECT @@log_bin AND @@sql_log_bin AND @@binlog_format = 'STATEMENT'")) {
            return;
        }
        Set<String> sequences = new TreeSet<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            SchemaItem.read(context, target, definition -> {
                if (definition.kind() == Definition.Kind.SEQUENCE && sequences.size() <= SHOWN) {
                    sequences.add(Quoting.identifier(target.name()) + "." + Quoting.identifier(definition.name()));
                }
            });
        }
        if (!sequences.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    context.target() + " logs statements (binlog_format = STATEMENT), as which it cannot log sequences: "
                            + sequences.stream().limit(SHOWN).collect(Collectors.joining(", ")) + (sequences.size() > SHOWN ? ", …" : ""),
                    "Execute SET GLOBAL binlog_format = MIXED on the target, at least until the restore has ended.");
        }
    }

    /** Every session tries to set it. */
    private void requireTimestampsAsWritten(Sql sql) {
        if (!sql.truth("SELECT @@explicit_defaults_for_timestamp")) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "explicit_defaults_for_timestamp is OFF on " + context.target() + ", so that columns of type timestamp would get"
                            + " defaults that they did not have, and the account \"" + context.target().user() + "\" may not change it",
                    "Execute SET GLOBAL explicit_defaults_for_timestamp = ON on the target, or grant the account"
                            + " SYSTEM_VARIABLES_ADMIN on *.*.");
        }
    }

    /** @param withoutCase whether the target does not tell names apart by it */
    private void checkNames(boolean withoutCase) {
        Set<String> seen = new HashSet<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            String name = target.name();
            if (!seen.add(withoutCase ? name.toLowerCase(Locale.ROOT) : name)) {
                throw new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        "two databases of the set are to be restored as \"" + name + "\"",
                        "Give each database a name of its own.");
            }
            if (name.isEmpty() || name.length() > LONGEST_NAME || RESERVED.contains(withoutCase ? name.toLowerCase(Locale.ROOT) : name)
                    || name.startsWith(RestoreTarget.PREFIX)) {
                throw new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        "\"" + name + "\" cannot be the name of a restored database",
                        "Choose a name of 1 to " + LONGEST_NAME + " characters that is not the server's own.");
            }
        }
    }

    private void checkServer(Session session) {
        Sql sql = session.sql();
        ServerFacts set = context.set().manifest().server();
        ServerRelease here = ServerRelease.of(sql);
        here.require(context.target());
        if (!here.vendor().type().equals(set.engine()) || here.olderThan(set)) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    "the set is of " + set.engine() + " " + set.version() + ", " + context.target() + " is "
                            + here.vendor().title() + " " + here.version(),
                    "Restore into a server of the same vendor and the same release or a later one.");
        }
        requireSameEndOfTime(here, set);
        if (!sql.truth("SELECT @@global.local_infile") && !session.insertsMany()) {
            context.warn(context.target() + " refuses LOAD DATA LOCAL (local_infile is OFF): rows are loaded by INSERT,"
                    + " which takes about one and a half times the server's time");
        }
        if (sql.truth("SELECT @@global.read_only")) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    context.target() + " is read-only",
                    "Give the primary server as the target, or set read_only = OFF.");
        }
        warnOf(sql, set, "lowerCaseTableNames", "@@lower_case_table_names",
                "names of tables come back in lower case, or are not found in any other case than their own");
        if (sql.number("SELECT @@lower_case_table_names") != 0) {
            requireNamesDifferent();
        }
        warnOf(sql, set, "innodbPageSize", "@@innodb_page_size", "rows and keys that were allowed there may be too long here");
    }

    /**
     * MariaDB marks current rows of system-versioned tables by the last TIMESTAMP that there is, which 11.5 moved from 2038 to 2106
     * (MDEV-32188). Rows with another mark would be taken as they are and be history.
     */
    private void requireSameEndOfTime(ServerRelease here, ServerFacts set) {
        if (!here.endsTimeLaterThan(set)) {
            return;
        }
        List<String> versioned = RestoreTarget.all(context).stream()
                .flatMap(target -> target.manifest(context).tables().stream().filter(table -> table.content().rows() > 0 && RestoreTarget.properties(table).versioned())
                        .map(table -> target.entry().name() + "." + table.name()))
                .toList();
        if (!versioned.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    "the set is of MariaDB " + set.version() + ", where current rows of system-versioned tables end in 2038, and "
                            + context.target() + " is " + here.version() + ", where they end in 2106 and those of the set would all become"
                            + " history: " + String.join(", ", versioned),
                    "Restore into a MariaDB before 11.5 and upgrade that server in place, or take a backup without these tables"
                            + " (excludeTables) and move them with mariadb-dump --update-history of 11.5 or later.");
        }
    }

    /** Where case does not count, {@code T} and {@code t} are one table. */
    private void requireNamesDifferent() {
        Set<String> databases = new HashSet<>();
        List<String> clashes = new ArrayList<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            Set<String> names = new HashSet<>();
            if (!databases.add(target.name().toLowerCase(Locale.ROOT))) {
                clashes.add(target.name());
            }
            target.manifest(context).tables().stream().map(TableManifest::name)
                    .filter(name -> !names.add(name.toLowerCase(Locale.ROOT)))
                    .forEach(name -> clashes.add(target.name() + "." + name));
        }
        if (!clashes.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    "upper and lower case are the same in names on " + context.target() + " (lower_case_table_names), and there"
                            + " would be two of: " + String.join(", ", clashes),
                    "Restore into a server with lower_case_table_names = 0, or restore these databases each under a name of"
                            + " its own.");
        }
    }

    private void warnOf(Sql sql, ServerFacts set, String detail, String variable, String consequence) {
        String there = set.details().getOrDefault(detail, "");
        String here = sql.text("SELECT " + variable);
        if (!there.isEmpty() && !there.equals(here)) {
            context.warn(variable.substring(2) + " was " + there + " and is " + here + " on " + context.target() + ": "
                    + consequence);
        }
    }

    private void checkExisting(Sql sql) {
        Set<String> existing = new TreeSet<>();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            // a finish item that died half-way has left the database under its final name
            boolean ours = target.begun(context);
            DataPreflight.requireAlone(context, target, sql);
            if (!ours && Databases.exists(sql, target.name()) && !Databases.mayTake(context, sql, target.name())) {
                existing.add(target.name());
            }
        }
        if (!existing.isEmpty()) {
            boolean unconfirmed = context.spec().clean();
            throw new BackupException(
                    unconfirmed ? ErrorCode.CONFIRMATION_REQUIRED : ErrorCode.DATABASE_EXISTS,
                    "on " + context.target() + " there are already databases: " + String.join(", ", existing),
                    unconfirmed
                            ? "Confirm each of these names if their present content may be lost."
                            : "Restore under other names, or allow the replacement (clean) and confirm these names.");
        }
    }
}
