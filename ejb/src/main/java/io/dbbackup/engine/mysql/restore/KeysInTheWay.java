package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.engine.mysql.restore.ForeignKeyList.Key;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Foreign keys of other databases that keep a table from its final name: whatever foreign_key_checks says, none gets a name to which a key
 * refers by columns that the table has not, or has with another type; MariaDB neither where it has no index on them. Stateless.
 */
final class KeysInTheWay {
    private static final int SHOWN = 20;
    private static final Set<String> TEXTS = Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext");
    private static final Set<String> BYTES = Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob");

    private KeysInTheWay() {}

    /** What the server has said, which names no key of MariaDB's, with the keys and what is to be done; or just that, if they are not known. */
    static BackupException named(RestoreContext context, Sql sql, RestoreTarget target, BackupException e) {
        try {
            boolean caseless = RestoreMarks.caseless(sql);
            List<String> left = FinishItem.tables(sql, target.temporaryName());
            List<Key> keys = ForeignKeyList.to(sql, target.name()).stream()
                    .filter(key -> left.stream().anyMatch(table -> RestoreMarks.same(table, key.to().name(), caseless)))
                    .toList();
            List<Key> unfit = keys.stream().filter(key -> !fits(sql, target, key)).toList();
            return keys.isEmpty() ? e : named(target, e, keys, unfit, unfinished(context, caseless));
        } catch (BackupException unanswered) {
            e.addSuppressed(unanswered);
            return e;
        }
    }

    private static BackupException named(
            RestoreTarget target, BackupException e, List<Key> keys, List<Key> unfit, Function<String, Optional<String>> unfinished) {
        List<Key> suspects = unfit.isEmpty() ? keys : unfit;
        Set<String> own = new LinkedHashSet<>();
        suspects.forEach(key -> unfinished.apply(key.from().database()).ifPresent(own::add));
        List<Key> foreign = suspects.stream().filter(key -> unfinished.apply(key.from().database()).isEmpty()).toList();
        return new BackupException(
                e.code(),
                e.problem().cause() + ". These foreign keys of other databases refer to tables of \"" + target.name() + "\", "
                        + (unfit.isEmpty() ? "perhaps " : "the first " + (unfit.size() > 1 ? unfit.size() + " " : "")) + "by columns that do not fit those of the set: "
                        + shown(Stream.concat(unfit.stream(), keys.stream().filter(key -> !unfit.contains(key))).toList(), KeysInTheWay::described),
                foreign.isEmpty() || unfit.isEmpty() && !own.isEmpty() ? restart(own) : drop(foreign, unfit.isEmpty()),
                e);
    }

    private static String restart(Set<String> own) {
        return "Restart the run: " + own.stream().limit(SHOWN).map(name -> "\"" + name + "\"").collect(Collectors.joining(", "))
                + (own.size() > SHOWN ? ", …" : "") + ", which this run replaces as well, refers to it (its keys are those of the old database until then).";
    }

    private static String drop(List<Key> keys, boolean unknown) {
        return (unknown && keys.size() > 1 ? "Find out which does not fit and drop that (ALTER TABLE … DROP FOREIGN KEY …)" : "Drop what does not fit ("
                        + shown(keys, key -> "ALTER TABLE " + key.from().quoted() + " DROP FOREIGN KEY " + Quoting.identifier(key.name())) + ")")
                + ", then restart the run. Note what SHOW CREATE TABLE says of it before: of databases outside of this run nobody gives the key back.";
    }

    private static String described(Key key) {
        return Quoting.identifier(key.name()) + " of " + key.from().quoted() + " to " + key.to().quoted();
    }

    private static String shown(List<Key> keys, Function<Key, String> word) {
        return keys.stream().limit(SHOWN).map(word).collect(Collectors.joining(", ")) + (keys.size() > SHOWN ? ", …" : "");
    }

    /** The name of a database, if this run is yet to replace it. Keys of those that are finished are the set's. */
    private static Function<String, Optional<String>> unfinished(RestoreContext context, boolean caseless) {
        Map<String, String> names = new HashMap<>(context.spec().whole());
        names.keySet().removeIf(source -> {
            boolean[] finished = new boolean[1];
            context.results(source, RestoreKind.FINISH, done -> finished[0] = true);
            return finished[0];
        });
        return database -> names.values().stream().filter(name -> RestoreMarks.same(name, database, caseless)).findAny();
    }

    /** False where it certainly does not. */
    private static boolean fits(Sql sql, RestoreTarget target, Key key) {
        Map<String, Column> from = columns(sql, key.from().database(), key.from().name());
        Map<String, Column> to = columns(sql, target.temporaryName(), key.to().name());
        for (int i = 0; i < key.columns().size(); i++) {
            Column child = from.get(key.columns().get(i).toLowerCase(Locale.ROOT));
            Column parent = to.get(key.toColumns().get(i).toLowerCase(Locale.ROOT));
            // what the account may not see says nothing
            if (child != null && !to.isEmpty() && !child.equals(parent)) {
                return false;
            }
        }
        // MySQL takes a table without such an index where it does not look at keys
        return to.isEmpty() || ServerRelease.of(sql).vendor() != Vendor.MARIADB || indexed(sql, target, key);
    }

    /** Whether an index begins with the columns, in their order; behind its own each has those of the primary key. */
    private static boolean indexed(Sql sql, RestoreTarget target, Key key) {
        Map<String, List<String>> indexes = new HashMap<>();
        sql.list(
                "SELECT index_name, if(sub_part IS NULL, column_name, '') FROM information_schema.statistics WHERE table_schema = ? AND table_name = ?"
                        + " AND index_type = 'BTREE' ORDER BY index_name, seq_in_index",
                row -> indexes.computeIfAbsent(row.getString(1), name -> new ArrayList<>()).add(row.getString(2).toLowerCase(Locale.ROOT)),
                target.temporaryName(), key.to().name());
        List<String> primary = indexes.getOrDefault("PRIMARY", List.of());
        List<String> wanted = key.toColumns().stream().map(column -> column.toLowerCase(Locale.ROOT)).toList();
        return indexes.values().stream().anyMatch(
                own -> Stream.concat(own.stream(), primary.stream()).distinct().limit(wanted.size()).toList().equals(wanted));
    }

    /** As far as keys need the same: neither lengths nor the digits of numbers. */
    private record Column(String type, boolean unsigned, String characters, String collation) {}

    private static Map<String, Column> columns(Sql sql, String database, String table) {
        Map<String, Column> columns = new HashMap<>();
        sql.list(
                "SELECT column_name, data_type, column_type, character_set_name, collation_name FROM information_schema.columns"
                        + " WHERE table_schema = ? AND table_name = ?",
                row -> columns.put(row.getString(1).toLowerCase(Locale.ROOT), new Column(
                        sort(row.getString(2).toLowerCase(Locale.ROOT)), row.getString(3).contains(" unsigned"),
                        Objects.requireNonNullElse(row.getString(4), ""), Objects.requireNonNullElse(row.getString(5), ""))),
                database, table);
        return columns;
    }

    private static String sort(String type) {
        return TEXTS.contains(type) ? "text" : BYTES.contains(type) ? "bytes" : type;
    }
}
