package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Large objects of a set and of the database that takes it. */
final class LargeObjects {
    /** Entry of archives of pg_dump 17 and later: up to 1000 objects of one owner, not all between its first and its last. */
    static final String METADATA = "BLOB METADATA";

    private static final Pattern CREATE = Pattern.compile("SELECT pg_catalog\\.lo_create\\('(\\d+)'\\);");
    private static final int BATCH = 500;

    private LargeObjects() {}

    static boolean inSet(RestoreContext context, String source) {
        SchemaArchive archive = SchemaArchive.of(context, source);
        return archive.entries("pre-data").stream().anyMatch(entry -> entry.is("BLOB") || entry.is(METADATA))
                || archive.entries("data").stream().anyMatch(entry -> entry.is(METADATA));
    }

    static boolean onTarget(Sql sql) {
        return sql.truth("SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)");
    }

    /**
     * Makes sure that no large object of somebody else has an oid of the set.
     *
     * @throws BackupException TABLE_NOT_EMPTY
     */
    static void refuseCollisions(RestoreContext context, RestoreTarget target, SchemaArchive archive, Sql sql) {
        if (!onTarget(sql)) {
            return;
        }
        List<String> taken = new ArrayList<>();
        List<Long> all = oids(archive);
        for (int from = 0; from < all.size(); from += BATCH) {
            context.cancellation().check();
            String some = all.subList(from, Math.min(all.size(), from + BATCH)).stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(","));
            taken.addAll(sql.list(
                    "SELECT oid::text FROM pg_catalog.pg_largeobject_metadata WHERE oid IN (" + some + ") ORDER BY oid",
                    row -> row.getString(1)));
        }
        if (!taken.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_NOT_EMPTY,
                    "database \"" + target.name() + "\" on " + context.target() + " has got large objects with oids of the"
                            + " set since the restore began: " + DataPreflight.some(taken),
                    "Unlink them if nobody needs them, then restart the run.");
        }
    }

    /** Of all large objects that the archive creates. */
    private static List<Long> oids(SchemaArchive archive) {
        List<Long> oids = new ArrayList<>();
        archive.entries("pre-data").stream().filter(entry -> entry.is("BLOB") && !entry.is(METADATA))
                .forEach(entry -> oids.add(entry.oid()));
        List<TocEntry> groups = archive.entries("data").stream().filter(entry -> entry.is(METADATA)).toList();
        if (groups.isEmpty()) {
            return oids;
        }
        Path list = SchemaArchive.listFile(groups);
        try (PgProcess script = archive.chosen(list, List.of());
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(script.stream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher create = CREATE.matcher(line);
                if (create.matches()) {
                    oids.add(Long.parseLong(create.group(1)));
                }
            }
            script.awaitSuccess();
            return oids;
        } catch (IOException e) {
            throw SchemaArchive.unreadable(e);
        } finally {
            Definitions.delete(list);
        }
    }

    /** Deletes all of them in batches, since each takes a lock. */
    static void unlinkAll(RestoreContext context, Sql sql) {
        long unlinked;
        do {
            context.cancellation().check();
            unlinked = sql.number("SELECT count(pg_catalog.lo_unlink(oid)) FROM (SELECT oid FROM"
                    + " pg_catalog.pg_largeobject_metadata LIMIT " + BATCH + ") AS batch");
        } while (unlinked > 0);
    }
}
