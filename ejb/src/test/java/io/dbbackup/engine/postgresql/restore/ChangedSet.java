package io.dbbackup.engine.postgresql.restore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.engine.OtherSet;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.SetReader;
import java.util.function.Consumer;

/** A set that says something else about its server or its databases. */
final class ChangedSet implements OtherSet {
    private final SetReader set;
    private int major;
    private long more;
    private Consumer<ObjectNode> change = properties -> {};

    ChangedSet(SetReader set) {
        this.set = set;
        major = set.manifest().server().major();
    }

    ChangedSet major(int value) {
        major = value;
        return this;
    }

    ChangedSet locale(String value) {
        change = properties -> properties.put("collate", value).put("ctype", value);
        return this;
    }

    ChangedSet collationVersion(String value) {
        change = properties -> properties.put("collationVersion", value);
        return this;
    }

    /** As if the tables had so many bytes more, so that the restore plans for big ones. */
    ChangedSet bigger(long bytes) {
        more = bytes;
        return this;
    }

    ChangedSet role(String name) {
        change = properties -> properties.withArray("roles").add(name);
        return this;
    }

    ChangedSet extension(String name) {
        change = properties -> properties.withArray("extensions")
                .addObject().put("name", name).put("schema", "public").put("version", "1.0");
        return this;
    }

    @Override
    public SetReader set() {
        return set;
    }

    @Override
    public BackupManifest manifest() {
        BackupManifest m = set.manifest();
        ServerFacts s = m.server();
        return new BackupManifest(
                m.format(), m.version(), m.set(), m.source(), m.run(), m.product(), m.startedAt(), m.sealedAt(),
                m.zone(), new ServerFacts(s.engine(), s.version(), major, s.systemId(), s.zone(), s.details()),
                m.consistency(), m.complete(), m.globals(), m.databases(), m.missing());
    }

    @Override
    public DatabaseManifest database(DatabaseEntry entry) {
        DatabaseManifest d = set.database(entry);
        ObjectNode properties = d.properties().deepCopy();
        change.accept(properties);
        return new DatabaseManifest(
                d.name(), d.snapshotAt(), d.position(), properties, d.blobs(), d.schemaBlob(),
                d.tables().stream().map(this::bigger).toList());
    }

    private TableManifest bigger(TableManifest table) {
        return new TableManifest(
                table.schema(), table.name(), table.content(), table.readStatement(), table.properties(),
                table.parts().stream()
                        .map(part -> new PartManifest(
                                part.blob(), part.member(), part.format(), part.loadStatement(),
                                part.plainBytes() + more, part.content()))
                        .toList());
    }
}
