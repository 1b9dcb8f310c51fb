package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Accounts, roles and their privileges. Which ones are to be created is found out by an item of its own before anything is
 * changed, so that creating them can be done again. An account that the target does not take is a warning: rows can do without.
 */
final class AccountsItem {
    /** Statements in a warning. */
    private static final int SHOWN = 10;

    private AccountsItem() {}

    /**
     * @param accounts that this restore creates or, with {@code Globals.ALL}, makes what they are in the set
     * @param roles MariaDB's among them that were not there before; plans of older versions lack them
     */
    record Chosen(Set<String> accounts, Set<String> roles) {
        Chosen {
            accounts = Set.copyOf(accounts);
            roles = roles == null ? Set.of() : Set.copyOf(roles);
        }

        Chosen and(Chosen earlier) {
            return new Chosen(union(accounts, earlier.accounts), union(roles, earlier.roles));
        }

        private static Set<String> union(Set<String> some, Set<String> others) {
            Set<String> union = new TreeSet<>(some);
            union.addAll(others);
            return union;
        }
    }

    /** Whether a run has anything to do with accounts. */
    static boolean wanted(RestoreContext context) {
        return context.set().manifest().globals().isPresent() && context.spec().globals() != RestoreSpec.Globals.NONE;
    }

    /** Those of the set that the target does not have, as statements name them, in alphabetical order. */
    static Set<String> lacking(RestoreContext context, Sql sql) {
        Set<String> lacking = new TreeSet<>(names(context));
        lacking.removeAll(existing(sql));
        return lacking;
    }

    /**
     * Changes nothing. Those that this run had chosen before it was discarded stay chosen: a discard leaves accounts where they are, and they
     * would look like those of others, although privileges on objects are still missing, perhaps others as well.
     */
    static ItemResult choose(RestoreContext context, WorkItem item) {
        try (Session session = Session.open(context.target(), "mysql", "accounts")) {
            Sql sql = session.sql();
            Chosen now = choose(context, sql, existing(sql));
            return ItemResult.of(item.earlier(Chosen.class).map(now::and).orElse(now));
        }
    }

    /** @param existing accounts and roles of the target */
    static Chosen choose(RestoreContext context, Sql sql, Set<String> existing) {
        String self = Quoted.currentUser(sql);
        boolean all = all(context);
        boolean everybody = all || mayNothing(sql);
        Set<String> chosen = new TreeSet<>();
        Set<String> roles = new TreeSet<>();
        read(context, definition -> {
            String name = definition.name();
            if (definition.kind() != Definition.Kind.ACCOUNT) {
                // of the role that nobody creates there are only privileges
                Quoted.grantee(definition.statement()).filter(Account.EVERYBODY::equals).filter(who -> everybody)
                        .ifPresent(chosen::add);
            } else if (!existing.contains(name) || all && !name.equals(self)) {
                chosen.add(name);
                if (!existing.contains(name) && isRole(definition)) {
                    roles.add(name);
                }
            }
        });
        return new Chosen(chosen, roles);
    }

    private static boolean isRole(Definition account) {
        return account.statement().startsWith("CREATE ROLE ");
    }

    static boolean all(RestoreContext context) {
        return context.spec().globals() == RestoreSpec.Globals.ALL;
    }

    /** Whether the target gives nothing to everybody. */
    private static boolean mayNothing(Sql sql) {
        try {
            return sql.shown("SHOW GRANTS FOR " + Account.EVERYBODY).stream()
                    .allMatch(line -> line.startsWith("GRANT USAGE "));
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            return true;
        }
    }

    /** All accounts and roles of the set. */
    static Set<String> names(RestoreContext context) {
        Set<String> names = new HashSet<>();
        read(context, definition -> {
            if (definition.kind() == Definition.Kind.ACCOUNT) {
                names.add(definition.name());
            }
        });
        return names;
    }

    static Set<String> existing(Sql sql) {
        return new HashSet<>(sql.list(ServerRelease.of(sql).vendor().accounts(), Quoted::account));
    }

    /**
     * Who is there by now was made by an attempt before, complete as one statement makes it, or by somebody else: neither is changed
     * unless {@code Globals.ALL} asks for that.
     */
    static ItemResult create(RestoreContext context) {
        Set<String> chosen = chosen(context);
        try (Session session = Session.open(context.target(), "mysql", "accounts");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Vendor vendor = ServerRelease.of(session.sql()).vendor();
            Set<String> existing = existing(session.sql());
            GrantedRoles granted = new GrantedRoles(session.sql(), vendor == Vendor.MARIADB ? existing : Set.of());
            Set<String> failed = new HashSet<>();
            List<String> nowhere = new ArrayList<>();
            Map<String, Place> places = new HashMap<>();
            read(context, definition -> {
                String name = definition.name();
                switch (definition.kind()) {
                    case ACCOUNT -> {
                        if (!chosen.contains(name)) {
                            break;
                        }
                        if (existing.contains(name) && !all(context)) {
                            ExistingAccounts.warnUnlessSame(context, session.sql(), definition);
                        } else if (!execute(context, session.sql(), definition, create(vendor, definition, existing))) {
                            failed.add(name);
                        }
                    }
                    case GRANT -> {
                        if (chosen.contains(name) && !failed.contains(name) && !nothing(definition) && !granted.contain(definition)) {
                            execute(context, session.sql(), definition, definition.statement());
                        }
                    }
                    case OBJECT_GRANT -> {
                        if (Quoted.grantee(definition.statement())
                                .filter(account -> chosen.contains(account) && !failed.contains(account)).isEmpty()) {
                            break;
                        }
                        switch (places.computeIfAbsent(name, database -> place(context, session.sql(), database))) {
                            case HERE -> execute(context, session.sql(), definition, definition.statement());
                            case NOWHERE -> nowhere.add(definition.statement());
                            case RESTORED -> { }
                        }
                    }
                    default -> { }
                }
            });
            warnOfNowhere(context, nowhere);
            // before a discard: somebody may have dropped an account since, and with it what finishing them had granted
            finished(context).forEach(target ->
                    grantObjects(context, session.sql(), target, !WaitingItem.left(context, target).views().isEmpty()));
            // the last statement may have left that of Oracle, in which names are shown in other quotes
            session.sql().run("SET SESSION sql_mode = " + Quoting.literal(vendor.accountMode()));
            if (all(context)) {
                AccountsBeyond.warn(context, session.sql(), vendor, kept(chosen, existing, failed));
            }
            if (!context.throwaway()) {
                RoleAdmin.giveUp(context, session.sql(), created(context));
            }
            return ItemResult.nothing();
        }
    }

    /** What SHOW GRANTS says of every account, and who may hand nothing on cannot execute. */
    private static boolean nothing(Definition grant) {
        return grant.statement().equals("GRANT USAGE ON *.* TO " + grant.name());
    }

    /** Where the database of a grant on a table or routine is. */
    enum Place {
        /** On the target, the server's own among them, and this run leaves it alone. */
        HERE,
        /** Comes with this run, which gives these privileges when it is finished. */
        RESTORED,
        NOWHERE
    }

    static Place place(RestoreContext context, Sql sql, String database) {
        Map<String, String> names = context.spec().databases();
        if (!RestoreTarget.dataOnly(context) && names.containsValue(database)) {
            // where another one takes this name, it is not there any more
            return database.equals(names.get(database)) ? Place.RESTORED : Place.NOWHERE;
        }
        return Databases.exists(sql, database) ? Place.HERE : Place.NOWHERE;
    }

    private static void warnOfNowhere(RestoreContext context, List<String> statements) {
        if (!statements.isEmpty()) {
            context.warn(statements.size() + " privileges on tables and routines were not given, since their databases are neither on "
                    + context.target() + " nor restored under their own names: "
                    + String.join("; ", statements.subList(0, Math.min(SHOWN, statements.size())))
                    + (statements.size() > SHOWN ? "; …" : "") + ". When a database is there, execute its statements from "
                    + globals(context).name() + " of the set");
        }
    }

    private static List<RestoreTarget> finished(RestoreContext context) {
        List<RestoreTarget> finished = new ArrayList<>();
        RestoreTarget.all(context).forEach(target ->
                context.results(target.entry().name(), RestoreKind.FINISH, done -> finished.add(target)));
        return finished;
    }

    /** With {@code Globals.ALL}, what is there already becomes what it is in the set. */
    private static String create(Vendor vendor, Definition account, Set<String> existing) {
        String statement = account.statement();
        if (!existing.contains(account.name())) {
            return statement;
        }
        if (isRole(account)) {
            return statement.replaceFirst("CREATE ROLE ", "CREATE ROLE IF NOT EXISTS ");
        }
        return AccountOptions.isServers(account.name())
                ? statement.replaceFirst("CREATE USER ", "ALTER USER ")
                : AccountOptions.alter(vendor, account.name(), statement);
    }

    /** Those of the set that were there and are what they are in the set now, but for what else they are granted. */
    private static Set<String> kept(Set<String> chosen, Set<String> existing, Set<String> failed) {
        Set<String> kept = new TreeSet<>(chosen);
        kept.removeIf(name -> !existing.contains(name) || failed.contains(name) || AccountOptions.isServers(name));
        return kept;
    }

    /**
     * Grants on tables and routines of a database that has its final name now.
     *
     * @param again whether {@link WaitingItem} will do the same: what is not there may be one of its views
     */
    static void grantObjects(RestoreContext context, Sql sql, RestoreTarget target, boolean again) {
        if (!wanted(context) || !target.name().equals(target.entry().name())) {
            return;
        }
        Set<String> chosen = chosen(context);
        read(context, definition -> {
            if (definition.kind() == Definition.Kind.OBJECT_GRANT && definition.name().equals(target.entry().name())
                    && Quoted.grantee(definition.statement()).filter(chosen::contains).isPresent()) {
                execute(context, sql, definition, definition.statement(), again);
            }
        });
    }

    /** Empty until {@link #choose} is done. */
    static Set<String> chosen(RestoreContext context) {
        Set<String> chosen = new HashSet<>();
        context.results("", RestoreKind.CHOOSE, done -> chosen.addAll(done.result(Chosen.class).accounts()));
        return chosen;
    }

    private static Set<String> created(RestoreContext context) {
        Set<String> roles = new TreeSet<>();
        context.results("", RestoreKind.CHOOSE, done -> roles.addAll(done.result(Chosen.class).roles()));
        return roles;
    }

    private static boolean execute(RestoreContext context, Sql sql, Definition definition, String statement) {
        return execute(context, sql, definition, statement, false);
    }

    private static boolean execute(RestoreContext context, Sql sql, Definition definition, String statement, boolean again) {
        try {
            sql.run(DefinitionsSource.settings(definition));
            sql.run(statement, "restoring account " + definition.name());
            return true;
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            if (again && MysqlErrors.unknownTable(e)) {
                return false;
            }
            String account = Quoted.grantee(statement).orElse(definition.name());
            // what follows TO may hold the hash of a password
            boolean whole = definition.kind() == Definition.Kind.ACCOUNT;
            String what = whole
                    ? "account " + account
                    : "a privilege of account " + account + " (" + statement.replaceFirst("(?s) TO .*", "") + ")";
            context.warn(what + " could not be restored: " + Quoted.reason(e) + "; mend that"
                    + (whole ? "" : " (create the account if it is gone)") + ", then execute "
                    + (whole ? "its statements" : "the statement") + " from " + globals(context).name() + " of the set");
            return false;
        }
    }

    static BlobRef globals(RestoreContext context) {
        return context.set().manifest().globals().orElseThrow();
    }

    static void read(RestoreContext context, Consumer<Definition> each) {
        BlobRef blob = globals(context);
        try (InputStream plain = context.set().open(blob)) {
            DefinitionsReader.read(plain, each);
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob.name(), e);
        }
    }
}
