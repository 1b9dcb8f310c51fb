package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.core.Encoding;

/**
 * Values of sequences from a data-only set, in a database that is in use: rows that the set does not have may already have
 * the numbers that would be given out again.
 *
 * <p>Sequences of the set's tables get the set's value. Those of no table, and those of a partitioned table of which the set
 * has not all partitions, are only moved forward. Those of other tables stay. What stays behind is a warning.
 *
 * <p>The archive has a sequence's name only in its statement, in the encoding of the source.
 */
final class SequenceValues {
    private static final int BATCH = 100;
    private static final Pattern ENCODING = Pattern.compile("SET client_encoding = '([^']*)'");
    private static final Pattern SET =
            Pattern.compile("SELECT pg_catalog\\.setval\\( ?'(.*)', (-?\\d+), (true|false)\\)", Pattern.DOTALL);

    private static final String FIND = """
            SELECT s.seqrelid, pg_catalog.format('%I.%I', n.nspname, c.relname), s.seqincrement,
                   coalesce((SELECT o.refobjid FROM pg_catalog.pg_depend o
                             WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.objsubid = 0
                               AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i') LIMIT 1), 0)
            FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE s.seqrelid = pg_catalog.to_regclass(?)
            """;

    /** How many tables under a table, itself included, hold rows, and how many of them the set has. */
    private static final String UNDER = """
            WITH RECURSIVE under AS (
                SELECT ?::oid AS oid
                UNION ALL
                SELECT i.inhrelid FROM under u
                JOIN pg_catalog.pg_class p ON p.oid = u.oid AND p.relkind = 'p'
                JOIN pg_catalog.pg_inherits i ON i.inhparent = u.oid
                WHERE NOT u.oid = ANY (?::oid[]))
            SELECT count(*) FILTER (WHERE c.oid = ANY (?::oid[])), count(*)
            FROM under JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind <> 'p' OR c.oid = ANY (?::oid[])
            """;

    private record Value(String name, long last, boolean called) {}

    private record Found(long oid, String quoted, long increment, long owner) {}

    private record Held(long tables, long all) {}

    private final RestoreContext context;
    private final RestoreTarget target;
    private final TreeSet<String> behind = new TreeSet<>();
    private final TreeSet<String> missing = new TreeSet<>();

    SequenceValues(RestoreContext context, RestoreTarget target) {
        this.context = context;
        this.target = target;
    }

    /** Idempotent as long as nobody uses the sequences. */
    void set(SchemaArchive archive, List<TocEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        List<Value> values = read(archive, entries);
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            Long[] tables = TargetTables.read(session.sql(), SetDatabase.of(context, target.source())).oids();
            for (int from = 0; from < values.size(); from += BATCH) {
                context.cancellation().check();
                List<Value> some = values.subList(from, Math.min(values.size(), from + BATCH));
                session.transaction(() -> some.forEach(value -> set(session.sql(), value, tables)));
            }
        }
        warn("keep their values, which are ahead of the set's or belong to other tables", behind);
        warn("do not exist, so that their values are not set", missing);
    }

    private void warn(String what, TreeSet<String> sequences) {
        if (!sequences.isEmpty()) {
            context.warn("in database \"" + target.name() + "\" these sequences " + what + ": "
                    + DataPreflight.some(List.copyOf(sequences)));
        }
    }

    private void set(Sql sql, Value value, Long[] tables) {
        Optional<Found> there = sql.first(
                FIND, row -> new Found(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)), value.name);
        if (there.isEmpty()) {
            missing.add(value.name);
            return;
        }
        Found found = there.get();
        Held held = sql.first(
                UNDER, row -> new Held(row.getLong(1), row.getLong(2)), found.owner, tables, tables, tables).orElseThrow();
        boolean ours = held.tables > 0 && held.tables == held.all;
        boolean nobodys = found.owner == 0 || held.tables > 0;
        if (ours || nobodys && !ahead(sql, found, value)) {
            sql.text("SELECT pg_catalog.setval(?::oid::regclass, ?, ?)", found.oid, value.last, value.called);
        } else if (!nobodys || !next(value.last, value.called, found).equals(present(sql, found))) {
            behind.add(found.quoted);
        }
    }

    /** Whether the sequence will give out nothing that the set's value has given out. */
    private static boolean ahead(Sql sql, Found sequence, Value value) {
        int order = present(sql, sequence).compareTo(next(value.last, value.called, sequence));
        return sequence.increment > 0 ? order >= 0 : order <= 0;
    }

    private static BigInteger present(Sql sql, Found sequence) {
        return sql.first(
                "SELECT last_value, is_called FROM " + sequence.quoted,
                row -> next(row.getLong(1), row.getBoolean(2), sequence)).orElseThrow();
    }

    private static BigInteger next(long last, boolean called, Found sequence) {
        return BigInteger.valueOf(last).add(BigInteger.valueOf(called ? sequence.increment : 0));
    }

    private List<Value> read(SchemaArchive archive, List<TocEntry> entries) {
        Path list = SchemaArchive.listFile(entries);
        List<Value> values = new ArrayList<>();
        try (PgProcess script = archive.chosen(list, List.of())) {
            // byte for byte, until the encoding is known
            String text = new String(script.stream().readAllBytes(), StandardCharsets.ISO_8859_1);
            script.awaitSuccess();
            Matcher named = ENCODING.matcher(text);
            Encoding encoding = Encoding.getDatabaseEncoding(named.find() ? named.group(1) : "UTF8");
            boolean backslashes = text.contains("SET standard_conforming_strings = off");
            for (String statement : SqlStatements.split(text)) {
                Matcher matcher = SET.matcher(statement);
                if (matcher.matches()) {
                    String name = encoding.decode(matcher.group(1).getBytes(StandardCharsets.ISO_8859_1)).replace("''", "'");
                    values.add(new Value(
                            backslashes ? name.replace("\\\\", "\\") : name, Long.parseLong(matcher.group(2)),
                            Boolean.parseBoolean(matcher.group(3))));
                }
            }
        } catch (IOException e) {
            throw unreadable("they could not be read: " + e.getMessage());
        } finally {
            Definitions.delete(list);
        }
        if (values.size() != entries.size()) {
            throw unreadable("of " + entries.size() + " values " + values.size() + " were understood");
        }
        return values;
    }

    private BackupException unreadable(String cause) {
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                "the values of sequences of database \"" + target.source() + "\": " + cause,
                "Verify the backup set, and restore from another copy of it.");
    }
}
