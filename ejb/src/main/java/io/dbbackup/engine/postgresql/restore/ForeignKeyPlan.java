package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.engine.postgresql.TableProperties.ForeignKey;
import io.dbbackup.engine.postgresql.TableProperties.Index;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which foreign keys are items of their own: those of or to a big table, whose rows all have to be looked up. The others
 * are quicker together, as part of the rest, and so are those to a table that gets an index only there.
 */
final class ForeignKeyPlan {
    private ForeignKeyPlan() {}

    /**
     * A foreign key. Adding it locks both tables against every other change of their definition, so that no two keys
     * with a table in common are added at the same time: they would wait for each other, perhaps in a circle.
     *
     * @param label what it belongs to
     * @param oid of the constraint
     * @param tables oids of both tables
     * @param blobs blobs with the rows of both tables
     * @param rows to look up
     */
    record Key(String label, long oid, Set<Long> tables, Set<String> blobs, long rows) {}

    static List<Key> of(SetDatabase database) {
        Map<Long, TableManifest> tables = new HashMap<>();
        database.manifest().tables().forEach(table -> tables.put(SetDatabase.properties(table).oid(), table));
        List<Key> keys = new ArrayList<>();
        Set<Long> loose = LooseKeys.oids(database);
        for (TableManifest table : database.manifest().tables()) {
            TableProperties properties = SetDatabase.properties(table);
            for (ForeignKey key : properties.foreignKeys()) {
                if (loose.contains(key.oid())) {
                    continue;
                }
                TableManifest other = tables.get(key.table());
                if (other != null && worthwhile(table, other) && indexed(other)) {
                    Set<String> blobs = new LinkedHashSet<>();
                    table.parts().forEach(part -> blobs.add(part.blob()));
                    other.parts().forEach(part -> blobs.add(part.blob()));
                    keys.add(new Key(
                            "table " + table.schema() + "." + table.name() + " foreign key " + key.name(), key.oid(),
                            new LinkedHashSet<>(List.of(properties.oid(), key.table())), blobs,
                            table.content().rows()));
                }
            }
        }
        return keys;
    }

    private static boolean worthwhile(TableManifest one, TableManifest other) {
        return Math.max(IndexPlan.bytes(one), IndexPlan.bytes(other)) >= IndexPlan.BIG;
    }

    private static boolean indexed(TableManifest table) {
        TableProperties properties = SetDatabase.properties(table);
        return properties.extension().isEmpty() && properties.indexes().stream().noneMatch(Index::callsFunctions);
    }
}
