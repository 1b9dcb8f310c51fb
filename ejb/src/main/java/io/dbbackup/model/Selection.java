package io.dbbackup.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What of its databases a backup takes.
 *
 * @param sections definitions, rows or both
 * @param includeTables patterns of the only tables to take; empty for all
 * @param excludeTables patterns of tables, views and materialized views to leave out
 * @param excludeTableData patterns of tables whose rows are left out
 * @param sample which rows; empty for all
 */
public record Selection(
        Sections sections,
        List<String> includeTables,
        List<String> excludeTables,
        List<String> excludeTableData,
        Optional<Sample> sample) {
    /** Everything. */
    public static final Selection WHOLE =
            new Selection(Sections.ALL, List.of(), List.of(), List.of(), Optional.empty());

    public Selection {
        // absent where it was written before there was such a thing
        sections = sections == null ? Sections.ALL : sections;
        includeTables = includeTables == null ? List.of() : List.copyOf(includeTables);
        excludeTables = excludeTables == null ? List.of() : List.copyOf(excludeTables);
        excludeTableData = excludeTableData == null ? List.of() : List.copyOf(excludeTableData);
        sample = sample == null ? Optional.empty() : sample;
    }

    /** Definitions, rows or both. */
    public enum Sections {
        ALL,
        /** Definitions only. */
        SCHEMA,
        /** Rows, values of sequences and large objects only. */
        DATA
    }

    public boolean whole() {
        return equals(WHOLE);
    }

    public boolean filtersTables() {
        return !includeTables.isEmpty() || !excludeTables.isEmpty();
    }

    /** What it leaves out; empty for everything. */
    public List<Omission> omissions() {
        List<Omission> omissions = new ArrayList<>();
        switch (sections) {
            case SCHEMA -> omissions.add(Omission.ALL_ROWS);
            case DATA -> omissions.add(Omission.DEFINITIONS);
            case ALL -> { }
        }
        if (filtersTables()) {
            omissions.add(Omission.SOME_TABLES);
        }
        if (!excludeTableData.isEmpty()) {
            omissions.add(Omission.ROWS_OF_TABLES);
        }
        if (sample.isPresent()) {
            omissions.add(Omission.SAMPLED);
        }
        return omissions;
    }

    /** For people, for example {@code schema only, some tables only}. */
    public static String text(List<Omission> omissions) {
        return omissions.stream().map(Omission::text).collect(Collectors.joining(", "));
    }
}
