package io.dbbackup.rest.set;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backup set as its manifest has it, beside what the catalog knows.
 *
 * @param location where its blobs are in the store
 * @param openWithoutUs how to get the data out with standard tools alone
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record SetBody(
        BackupSetView set,
        String location,
        String product,
        ServerFacts server,
        String consistency,
        Optional<String> globals,
        List<DatabaseEntry> databases,
        List<MissingDatabase> missing,
        List<String> openWithoutUs,
        Map<String, String> links) {}
