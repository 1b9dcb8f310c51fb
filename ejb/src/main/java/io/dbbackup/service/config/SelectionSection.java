package io.dbbackup.service.config;

import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The keys of a policy that say what of its databases is backed up. */
final class SelectionSection {
    private SelectionSection() {}

    static Selection read(YamlMapping item) {
        Selection.Sections sections = item.choice("contents", List.of("all", "schema", "data"))
                .map(text -> Selection.Sections.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(Selection.Sections.ALL);
        Optional<Long> seed = item.number("sample_seed", Long.MIN_VALUE, Long.MAX_VALUE);
        Optional<Sample> sample = item.text("sample").flatMap(text -> {
            Optional<Sample> parsed = Sample.parse(text, seed.orElse(0L));
            if (parsed.isEmpty()) {
                item.error(
                        "sample",
                        "sample is \"" + text + "\"",
                        "Give a part of the rows, for example 1%, or a number of rows per table.");
            }
            return parsed;
        });
        Selection selection = new Selection(
                sections, patterns(item, "include_tables"), patterns(item, "exclude_tables"),
                patterns(item, "exclude_table_data"), sample);
        if (sections == Selection.Sections.SCHEMA && (sample.isPresent() || !selection.excludeTableData().isEmpty())) {
            item.error(
                    "contents",
                    "contents is schema, which has no rows, and rows are chosen as well",
                    "Leave sample and exclude_table_data out.");
        }
        return selection;
    }

    private static List<String> patterns(YamlMapping item, String key) {
        List<String> patterns = item.texts(key);
        for (String pattern : patterns) {
            if (TablePattern.parse(pattern).isEmpty()) {
                item.error(key, "there is the pattern \"" + pattern + "\"", TablePattern.ALLOWED);
            }
        }
        return patterns;
    }

    static void write(Map<String, Object> item, Selection selection) {
        if (selection.sections() != Selection.Sections.ALL) {
            item.put("contents", selection.sections().name().toLowerCase(Locale.ROOT));
        }
        put(item, "include_tables", selection.includeTables());
        put(item, "exclude_tables", selection.excludeTables());
        put(item, "exclude_table_data", selection.excludeTableData());
        selection.sample().ifPresent(sample -> {
            item.put("sample", sample.amount());
            item.put("sample_seed", sample.seed());
        });
    }

    private static void put(Map<String, Object> item, String key, List<String> values) {
        if (!values.isEmpty()) {
            item.put(key, values);
        }
    }
}
