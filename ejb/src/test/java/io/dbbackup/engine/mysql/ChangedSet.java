package io.dbbackup.engine.mysql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.engine.OtherSet;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.SetReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A set that says something else than it does, as that of another version.
 *
 * @param manifests changes the manifest of a database where it is, each time that it is read
 * @param definitions changes a script of definitions, in which each byte is a character
 */
record ChangedSet(SetReader set, Consumer<DatabaseManifest> manifests, UnaryOperator<String> definitions) implements OtherSet {
    /** Loses no byte, whatever it stands for. */
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    static ChangedSet manifests(SetReader set, Consumer<DatabaseManifest> change) {
        return new ChangedSet(set, change, UnaryOperator.identity());
    }

    static ChangedSet definitions(SetReader set, UnaryOperator<String> change) {
        return new ChangedSet(set, manifest -> { }, change);
    }

    /** One that does not say which columns may be NULL. */
    static ChangedSet withoutNullable(SetReader set) {
        return manifests(set, manifest -> manifest.tables().forEach(table ->
                table.properties().get("columns").forEach(column -> ((ObjectNode) column).remove("nullable"))));
    }

    static ObjectNode properties(TableManifest table) {
        return (ObjectNode) table.properties();
    }

    @Override
    public DatabaseManifest database(DatabaseEntry entry) {
        DatabaseManifest manifest = set.database(entry);
        manifests.accept(manifest);
        return manifest;
    }

    @Override
    public InputStream open(BlobRef blob) {
        if (!blob.name().contains(".sql")) {
            return set.open(blob);
        }
        try (InputStream plain = set.open(blob)) {
            return new ByteArrayInputStream(definitions.apply(new String(plain.readAllBytes(), BYTES)).getBytes(BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
