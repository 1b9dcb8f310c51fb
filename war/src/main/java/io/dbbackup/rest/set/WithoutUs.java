package io.dbbackup.rest.set;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says how a backup set is opened with standard tools alone. */
final class WithoutUs {
    private static final Map<String, String> DECODERS = Map.of("zstd", "zstd -dc", "gzip", "gzip -dc", "lz4", "lz4 -dc");

    private WithoutUs() {}

    static List<String> of(BackupManifest manifest, String location) {
        List<String> steps = new ArrayList<>();
        steps.add("The set is in " + location + "; docs/repository-format.md says what every byte means.");
        manifest.globals().ifPresent(globals -> steps.add("Roles and tablespaces: " + command(globals) + " | psql postgres"));
        steps.add("Each database has a manifest (its blob is named in this answer) that lists its blobs and, for every"
                + " part of a table, the statement that loads it.");
        steps.add("Definitions: pg_restore --section=pre-data --dbname=NEW schema.dump; later the same with"
                + " --section=post-data.");
        steps.add("Data: " + decoder(manifest) + " data/PART | psql --dbname=NEW -c 'LOAD STATEMENT OF THE PART'; bundles are"
                + " tar archives of such parts.");
        if (!manifest.reuses().isEmpty()) {
            steps.add("Blobs with an origin lie in another set: below " + manifest.source() + "/ in the store, by the set and name"
                    + " that the origin says.");
        }
        return steps;
    }

    static List<String> encrypted(String location) {
        return List.of(
                "The set is in " + location + " and encrypted; docs/repository-format.md says what every byte means.",
                "java Decrypt.java --key-file KEY --set DIRECTORY --out DIRECTORY (a JDK and docs/tools/Decrypt.java are all"
                        + " it needs) writes the set without encryption.",
                "What it writes is opened with standard tools, as every set that is not encrypted.");
    }

    private static String decoder(BackupManifest manifest) {
        return manifest.globals().map(g -> decoder(g.stages())).filter(d -> !d.isEmpty()).orElse("zstd -dc");
    }

    private static String command(BlobRef blob) {
        return (decoder(blob.stages()) + " " + blob.name()).strip();
    }

    /** One decoder per stage, the last stage first. */
    private static String decoder(List<StageDescriptor> stages) {
        return stages.isEmpty()
                ? "cat"
                : stages.stream().map(s -> DECODERS.getOrDefault(s.type(), s.type() + " -dc")).collect(Collectors.joining(" | "));
    }
}
