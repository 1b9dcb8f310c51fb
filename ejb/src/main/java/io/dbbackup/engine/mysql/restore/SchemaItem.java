package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.SpatialReferences;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates the temporary database with its sequences and tables; anew, until a marker says that it is done and rows may be there.
 * The lock of {@link Attempts} and this marker keep an attempt that was given up for lost from dropping them.
 */
final class SchemaItem {
    /** An unknown engine, another engine, an option that is ignored. */
    private static final Set<Integer> OTHERS = Set.of(1286, 1266, 1478);

    /** Where a sequence goes on; sets may have another statement for it. */
    private static final Pattern VALUE = Pattern.compile("^DO (SETVAL\\(.*, (-?\\d+), 0, \\d+\\))$", Pattern.DOTALL);

    private SchemaItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target =
                RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session session = Session.open(context.target(), "", "restore definitions");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            Attempts.requireOnly(sql, target.temporaryName(), target.name());
            if (!Markers.exist(sql, target.temporaryName())
                    || !Markers.present(sql, target.temporaryName(), item.id())) {
                create(context, target, sql);
                Markers.take(sql, target.temporaryName(), item.id(), Markers.NO_ROWS);
            }
            return ItemResult.nothing();
        }
    }

    private static void create(RestoreContext context, RestoreTarget target, Sql sql) {
        Databases.dropTemporary(sql, target.temporaryName());
        String name = Quoting.identifier(target.temporaryName());
        sql.run("CREATE DATABASE " + name + " " + target.properties(context).options());
        sql.run("USE " + name);
        LenientTables.in(sql);
        sql.run("SET SESSION foreign_key_checks = 0");
        Markers.createTable(sql, target.temporaryName());
        read(context, target, definition -> {
            warnOfDamage(context, target, definition);
            if (definition.kind() == Definition.Kind.SPATIAL_REFERENCE) {
                if (!thereAlready(context, sql, definition)) {
                    create(context, sql, definition);
                }
                return;
            }
            sql.run(DefinitionsSource.settings(definition));
            if (definition.kind() == Definition.Kind.SEQUENCE_VALUE) {
                goOn(context, target, sql, definition);
                return;
            }
            if (made(context, target, sql, definition) && definition.kind() == Definition.Kind.TABLE) {
                warnOfOthers(context, target, sql, definition.name());
                warnOfForeign(context, target, definition);
            }
        });
    }

    /**
     * A table that shows the rows of another server (FEDERATED, SPIDER, …) may be refused for as long as that cannot be reached, which may be for good:
     * all else is not to wait for it. {@link FinishItem} does without it, too.
     *
     * @return whether it is there
     */
    private static boolean made(RestoreContext context, RestoreTarget target, Sql sql, Definition definition) {
        try {
            // not with its text: a connection to another server may have a password
            sql.run(StorageEngines.fillable(definition.statement()), "creating " + definition.name());
            return true;
        } catch (BackupException e) {
            if (!StorageEngines.createsNone(definition.statement()) || !MysqlErrors.refusesText(e)) {
                throw e;
            }
            context.warn("database \"" + target.name() + "\": table \"" + definition.name() + "\", which has no rows of its own, could not be created, and"
                    + " everything else goes on: " + Quoted.reason(e) + ". When what it shows can be reached, execute its statement from schema.sql of"
                    + " the set; then, from after-data.sql, those of views and triggers that need it");
            return false;
        }
    }

    /**
     * Lets a sequence go on where it was. DO forgets errors, and so does not say that a sequence begins at its start again: sets of older versions
     * name rounds where nothing cycles, and values behind the start.
     */
    private static void goOn(RestoreContext context, RestoreTarget target, Sql sql, Definition definition) {
        Matcher value = VALUE.matcher(definition.statement());
        if (!value.find()) {
            sql.run(definition.statement());
            return;
        }
        try {
            if (!sql.text("SELECT " + value.group(1)).isEmpty()) {
                return;
            }
        } catch (BackupException e) {
            if (!MysqlErrors.refusesText(e)) {
                throw e;
            }
        }
        try {
            sql.run("ALTER SEQUENCE " + Quoting.identifier(definition.name()) + " RESTART WITH " + value.group(2));
        } catch (BackupException e) {
            if (!MysqlErrors.refusesText(e)) {
                throw e;
            }
            context.warn("sequence \"" + definition.name() + "\" in database \"" + target.name() + "\" begins at its start, and not with "
                    + value.group(2) + " as on the source: " + e.problem().cause());
        }
    }

    /** Hands over what is created before the rows; of a data-only set, what its sequences and counters go on with. */
    static void read(RestoreContext context, RestoreTarget target, Consumer<Definition> each) {
        String blob = target.manifest(context).schemaBlob();
        try (InputStream plain = context.set().open(target.blob(context, blob))) {
            DefinitionsReader.read(plain, each);
        } catch (IOException e) {
            throw unreadable(blob, e);
        }
    }

    /** One that no column names may never be needed, and the preflight has refused the others. */
    private static void create(RestoreContext context, Sql sql, Definition reference) {
        sql.run(DefinitionsSource.settings(reference));
        if (!sql.runIfPermitted(reference.statement())) {
            context.warn("spatial reference system " + reference.name() + " was not created on " + context.target() + ", since the account \""
                    + context.target().user() + "\" may not; values that need it will be refused. Somebody with SUPER may execute "
                    + reference.statement());
        }
    }

    private static boolean thereAlready(RestoreContext context, Sql sql, Definition reference) {
        Optional<Definition> there = SpatialReferences.find(sql, Long.parseLong(reference.name()));
        if (there.isPresent() && !there.get().statement().equals(reference.statement())) {
            context.warn("spatial reference system " + reference.name() + " of " + context.target() + " is another one than in the set and"
                    + " was left as it is: the same coordinates may mean other places there. It should be: " + reference.statement());
        }
        return there.isPresent();
    }

    /** An older version replaced bytes of defaults, or of constants in generated columns, with which the table may still be created. */
    private static void warnOfDamage(RestoreContext context, RestoreTarget target, Definition definition) {
        if (definition.statement().indexOf(ClientText.REPLACED) >= 0) {
            context.warn("database \"" + target.name() + "\": the definition of table \"" + definition.name() + "\" has a replacement"
                    + " character (U+FFFD): an older version of dbbackup has stored bytes that are no UTF-8 (DEFAULT of a BINARY or VARBINARY"
                    + " column, constants of generated columns) damaged; compare it with the source's and take a new backup");
        }
    }

    /**
     * A table of an engine that the server does not have becomes one of its default engine, and one with options that InnoDB cannot
     * follow here (compression on large pages, say) becomes one without them.
     */
    private static void warnOfOthers(RestoreContext context, RestoreTarget target, Sql sql, String table) {
        sql.list("SHOW WARNINGS", row -> OTHERS.contains(row.getInt(2)) ? Optional.of(row.getString(3)) : Optional.<String>empty())
                .forEach(warning -> warning.ifPresent(text -> context.warn(
                        "database \"" + target.name() + "\": table \"" + table + "\": " + text)));
    }

    /** Of a MERGE table, which goes on to show tables of a database by its name, whatever that is restored as. */
    private static void warnOfForeign(RestoreContext context, RestoreTarget target, Definition definition) {
        List<String> others = StorageEngines.othersOf(definition.statement());
        if (!others.isEmpty()) {
            context.warn("database \"" + target.name() + "\": table \"" + definition.name() + "\" (MRG_MyISAM) shows the rows of "
                    + String.join(", ", others) + " on " + context.target() + ", and whoever changes rows by it will change these."
                    + " Name others (ALTER TABLE … UNION = …) if they are not meant");
        }
    }

    static BackupException unreadable(String blob, IOException e) {
        return new BackupException(
                ErrorCode.STORE_IO,
                "reading blob " + blob + " failed: " + e.getMessage(),
                "Check the store, then restart the run.",
                e);
    }
}
