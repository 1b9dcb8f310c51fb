package io.dbbackup.service.backup;

import io.dbbackup.model.Json;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import io.dbbackup.service.run.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What of its databases a backup takes, as parameters of a run. */
final class SelectionParameters {
    static final Set<String> KNOWN = Set.of(
            "contents", "includeTables", "excludeTables", "excludeTableData", "sample", "sampleSeed");

    private SelectionParameters() {}

    /** @throws io.dbbackup.model.BackupException INVALID_PARAMETER also for what does not go together */
    static Selection of(Parameters given) {
        Selection.Sections sections =
                given.choice("contents", Selection.Sections.class, Selection.Sections.ALL);
        long seed = given.number("sampleSeed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
        Optional<Sample> sample = given.text("sample").map(text -> Sample.parse(text, seed)
                .orElseThrow(() -> Parameters.invalid(
                        "sample is \"" + text + "\"",
                        "Give a part of the rows, for example 1%, or a number of rows per table up to "
                                + Sample.MOST_ROWS + ".")));
        if (sample.isEmpty() && given.text("sampleSeed").isPresent()) {
            throw Parameters.invalid("sampleSeed is given without sample", "Give sample as well.");
        }
        Selection selection = new Selection(
                sections, patterns(given, "includeTables"), patterns(given, "excludeTables"),
                patterns(given, "excludeTableData"), sample);
        if (sections == Selection.Sections.SCHEMA && (sample.isPresent() || !selection.excludeTableData().isEmpty())) {
            throw Parameters.invalid(
                    "contents is schema, which has no rows, and rows are chosen as well",
                    "Leave sample and excludeTableData out.");
        }
        return selection;
    }

    private static List<String> patterns(Parameters given, String name) {
        List<String> patterns = given.list(name);
        for (String pattern : patterns) {
            if (TablePattern.parse(pattern).isEmpty()) {
                throw Parameters.invalid(name + " has the pattern \"" + pattern + "\"", TablePattern.ALLOWED);
            }
        }
        return patterns;
    }

    /** The parameters that say the same. */
    static void put(Map<String, String> values, Selection selection) {
        if (selection.sections() != Selection.Sections.ALL) {
            values.put("contents", selection.sections().name().toLowerCase(java.util.Locale.ROOT));
        }
        putList(values, "includeTables", selection.includeTables());
        putList(values, "excludeTables", selection.excludeTables());
        putList(values, "excludeTableData", selection.excludeTableData());
        selection.sample().ifPresent(sample -> {
            values.put("sample", sample.amount());
            values.put("sampleSeed", Long.toString(sample.seed()));
        });
    }

    private static void putList(Map<String, String> values, String name, List<String> list) {
        if (!list.isEmpty()) {
            values.put(name, Json.write(list));
        }
    }
}
