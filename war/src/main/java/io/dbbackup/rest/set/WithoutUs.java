package io.dbbackup.rest.set;

import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.DatabaseEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says how a backup set is opened with standard tools alone. */
final class WithoutUs {
    private static final Map<String, String> DECODERS = Map.of("zstd", "zstd -dc", "gzip", "gzip -dc", "lz4", "lz4 -dc");

    private WithoutUs() {}

    static List<String> of(BackupManifest manifest, DatabaseEngine engine, String location) {
        List<String> steps = new ArrayList<>();
        steps.add("The set is in " + location + "; docs/repository-format.md says what every byte means.");
        steps.addAll(engine.withoutUs(manifest, decoder(manifest)));
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

    /** One decoder per stage, the last stage first. */
    private static String decoder(List<StageDescriptor> stages) {
        return stages.isEmpty()
                ? "cat"
                : stages.stream().map(s -> DECODERS.getOrDefault(s.type(), s.type() + " -dc")).collect(Collectors.joining(" | "));
    }
}
