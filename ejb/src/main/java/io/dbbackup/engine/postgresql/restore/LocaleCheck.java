package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds locales that the target's operating system lacks, by asking the server for a collation in a transaction that is
 * rolled back: no catalog lists all locales that exist. Warns when the collation's version is another one.
 */
record LocaleCheck(RestoreContext context, TargetSession session) {
    private static final Set<String> EVERYWHERE = Set.of("C", "POSIX", "");

    /** @param databases by their names in the set */
    void check(Map<String, DatabaseProperties> databases) {
        Map<String, Boolean> known = new HashMap<>();
        Set<String> missing = new TreeSet<>();
        databases.forEach((source, properties) -> {
            for (String locale : List.of(properties.collate(), properties.ctype())) {
                if (!EVERYWHERE.contains(locale) && !known.computeIfAbsent(locale, this::exists)) {
                    missing.add(locale + " (database \"" + source + "\")");
                }
            }
            checkVersion(source, properties);
        });
        if (!missing.isEmpty() && context.target().option(TargetOptions.LOCALE_FALLBACK).isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_LOCALE_MISSING,
                    "the machine of " + context.target() + " lacks locales: " + String.join(", ", missing),
                    "Generate these locales there, restart the target server, then start the restore again.");
        }
    }

    private boolean exists(String locale) {
        String[] problem = {""};
        try {
            session.transaction(() -> {
                session.sql().run("CREATE COLLATION pg_temp.dbbackup_probe (provider = libc, locale = "
                        + Quoting.literal(locale) + ")");
                throw new Probed();
            });
        } catch (Probed e) {
            return true;
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            problem[0] = e.problem().cause();
        }
        // other objections (an encoding that is not this database's, no right to create) say nothing about existence
        return !problem[0].contains("could not create locale");
    }

    private void checkVersion(String source, DatabaseProperties properties) {
        boolean icu = properties.localeProvider().equals("icu");
        if (properties.collationVersion().isEmpty() || !icu && !properties.localeProvider().equals("libc")) {
            return;
        }
        String locale = icu ? properties.locale() : properties.collate();
        // the column has had three names
        String found = session.sql().text(
                """
                SELECT pg_catalog.pg_collation_actual_version(c.oid)
                FROM pg_catalog.pg_collation c CROSS JOIN LATERAL pg_catalog.to_jsonb(c) j
                WHERE c.collprovider = ?::"char"
                  AND coalesce(j ->> 'colllocale', j ->> 'colliculocale', j ->> 'collcollate') = ?
                ORDER BY c.oid LIMIT 1
                """,
                icu ? "i" : "c", locale);
        if (!found.isEmpty() && !found.equals(properties.collationVersion())) {
            context.warn("database \"" + source + "\" sorted by version " + properties.collationVersion()
                    + " of locale " + locale + ", the target has version " + found
                    + ": texts may sort differently");
        }
    }

    /** Ends the transaction without leaving anything. */
    private static final class Probed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
