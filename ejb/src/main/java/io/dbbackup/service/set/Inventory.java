package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.StoredBlob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The clear list of an encrypted database's blobs: one JSON object per line, sorted by name. */
public final class Inventory {
    private Inventory() {}

    /** The same blobs always give the same bytes. */
    public static byte[] write(List<StoredBlob> blobs) {
        StringBuilder lines = new StringBuilder();
        blobs.stream()
                .sorted(Comparator.comparing(StoredBlob::name))
                .forEach(blob -> lines.append(Json.write(blob)).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    static List<StoredBlob> read(byte[] bytes, String where) {
        List<StoredBlob> blobs = new ArrayList<>();
        try (var values = Json.MAPPER.readerFor(StoredBlob.class).<StoredBlob>readValues(bytes)) {
            while (values.hasNextValue()) {
                blobs.add(values.nextValue());
            }
        } catch (IOException | RuntimeException e) {
            throw new BackupException(
                    ErrorCode.MANIFEST_INVALID,
                    where + " is not a list of blobs: " + e.getMessage(),
                    "Restore it from another copy of the backup set.",
                    e);
        }
        return blobs;
    }
}
