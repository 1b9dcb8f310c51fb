package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Tells pg_dump to leave out the rows of tables, and nothing else: {@code --exclude-table-data=*.*} would also drop the
 * values of sequences and the REFRESH of materialized views, {@code --schema-only} large objects too.
 */
final class DumpExclusions {
    /** Sequences of tables, which pg_dump takes without their tables. */
    private static final String OWNED = """
            c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend o WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid
                AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i') AND o.refobjid = ANY (?::oid[]))""";

    private final String encoding;
    private final boolean singleByte;
    /** Names by what the server has in bytes, for encodings in which a character is not its Unicode number. */
    private final Map<String, byte[]> bytes = new HashMap<>();

    private final Map<String, Content> schemas = new TreeMap<>();

    /** What of a schema pg_dump regards as data. */
    private static final class Content {
        private final List<String> tables = new ArrayList<>();
        private final List<String> others = new ArrayList<>();
    }

    /** @param tables condition on pg_class {@code c}: what is meant; everything else must not be matched */
    private DumpExclusions(Sql sql, String tables, Object... parameters) {
        encoding = sql.text("SELECT getdatabaseencoding()");
        singleByte = sql.truth("SELECT pg_encoding_max_length(encoding) = 1 FROM pg_database"
                + " WHERE datname = current_database()");
        String bytesOf = encoding.equals("UTF8") ? "''::bytea" : "convert_to(%s::text, getdatabaseencoding())";
        sql.list(
                """
                SELECT n.nspname, c.relname, %s, %s, %s
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN (%s) AND c.relpersistence <> 't'
                  AND (n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                       OR EXISTS (SELECT FROM pg_extension e WHERE c.oid = ANY (e.extconfig)))
                """.formatted(
                        tables, bytesOf.formatted("n.nspname"), bytesOf.formatted("c.relname"),
                        parameters.length == 0 ? "'r', 'S', 'm'" : "'r', 'S', 'm', 'v', 'p', 'f'"),
                row -> {
                    Content content = schemas.computeIfAbsent(row.getString(1), name -> new Content());
                    (row.getBoolean(3) ? content.tables : content.others).add(row.getString(2));
                    if (!encoding.equals("UTF8")) {
                        bytes.put(row.getString(1), row.getBytes(4));
                        bytes.put(row.getString(2), row.getBytes(5));
                    }
                    return content;
                },
                parameters);
    }

    /** The arguments, for the database and snapshot of that session. */
    static List<String> arguments(Sql sql) {
        return new DumpExclusions(sql, "c.relkind = 'r'").patterns("--exclude-table-data=");
    }

    /** The arguments that leave relations out altogether, with what belongs to them. */
    static List<String> relations(Sql sql, Set<Long> relations) {
        Long[] oids = relations.toArray(Long[]::new);
        return relations.isEmpty()
                ? List.of()
                : new DumpExclusions(sql, "c.oid = ANY (?::oid[]) OR " + OWNED, (Object) oids, (Object) oids)
                        .patterns("--exclude-table=");
    }

    private List<String> patterns(String option) {
        List<String> arguments = new ArrayList<>();
        schemas.forEach((schema, content) -> {
            // schemas that the spelled name matches as well
            Map<String, Content> alike = new TreeMap<>();
            if (ambiguous(schema) && !content.tables.isEmpty()) {
                Pattern pattern = expression(schema);
                schemas.forEach((other, there) -> {
                    if (pattern.matcher(other).matches()) {
                        alike.put(other, there);
                    }
                });
            }
            if (content.others.isEmpty() && alike.values().stream().allMatch(there -> there.others.isEmpty())) {
                arguments.add(ExclusionPatterns.whole(schema, this::spell));
            } else {
                alike.put(schema, content);
                alike.forEach((other, there) -> refuseAmbiguity(schema, content.tables, other, Set.copyOf(there.others)));
                arguments.addAll(ExclusionPatterns.exact(schema, content.tables, this::spell));
            }
        });
        return arguments.stream().map(pattern -> option + pattern).toList();
    }

    private List<String> spell(String name) {
        if (encoding.equals("UTF8")) {
            return ExclusionPatterns.NameAtoms.unicode(name);
        }
        if (singleByte) {
            byte[] raw = bytes.get(name);
            int[] characters = new int[raw.length];
            for (int i = 0; i < raw.length; i++) {
                characters[i] = raw[i] & 0xff;
            }
            return ExclusionPatterns.NameAtoms.spell(characters);
        }
        // EUC and the like: the number of a character outside ASCII is the server's secret, "?" stands for any one
        List<String> atoms = new ArrayList<>();
        name.codePoints().forEach(c -> atoms.addAll(
                c < 0x80 ? ExclusionPatterns.NameAtoms.spell(new int[] {c}) : List.of("?")));
        return atoms;
    }

    /** Whether a name is spelled so that it may match others. */
    private boolean ambiguous(String name) {
        return !encoding.equals("UTF8") && !singleByte && !StandardCharsets.US_ASCII.newEncoder().canEncode(name);
    }

    /** What the server matches when that name is spelled. */
    private static Pattern expression(String name) {
        StringBuilder expression = new StringBuilder();
        name.codePoints().forEach(c -> expression.append(c < 0x80 ? Pattern.quote(Character.toString(c)) : "."));
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }

    private void refuseAmbiguity(String schema, List<String> tables, String otherSchema, Set<String> others) {
        for (String table : tables) {
            Optional<String> hit = ambiguous(table)
                    ? others.stream().filter(expression(table).asMatchPredicate()).findFirst()
                    : Optional.of(table).filter(others::contains);
            hit.ifPresent(other -> {
                throw new BackupException(
                        ErrorCode.DATABASE_STATEMENT_FAILED,
                        "in a database with the encoding " + encoding + " pg_dump cannot be told to leave out the rows"
                                + " of table " + schema + "." + table + " but not the content of " + otherSchema + "." + other,
                        "Rename one of the two.");
            });
        }
    }
}
