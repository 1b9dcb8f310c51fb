package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Groups of sample objects, each of which is an SQL script that can be run once in any UTF-8 database. The first lines of the
 * scripts (resources in {@code sample/}) say what they hold and why.
 */
public enum Sample {
    LARGE_OBJECTS,
    PARTITIONS,
    /** Hash partitions of an enum: a restored row may belong into another partition than before. */
    PARTITIONS_BY_ENUM,
    INHERITANCE,
    ODD_NAMES,
    SEQUENCES,
    MATVIEWS,
    FOREIGN_KEYS,
    TRIGGERS,
    /** Needs a database of its own: it refuses all further DDL. */
    EVENT_TRIGGER,
    RIGHTS,
    TYPES,
    VALUES,
    UNUSUAL_TABLES,
    /** Changes the search_path of the whole database. */
    SEARCH_PATH,
    ROW_SECURITY,
    REPLICATION,
    FOREIGN_DATA,
    EXTENSIONS,
    ROUTINES;

    String script() {
        return script(name().toLowerCase(Locale.ROOT));
    }

    static String script(String name) {
        try (InputStream resource = Sample.class.getResourceAsStream("sample/" + name + ".sql")) {
            if (resource == null) {
                throw new ThrowawayException("no sample script " + name + ".sql in this module");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ThrowawayException("cannot read the sample script " + name, e);
        }
    }
}
