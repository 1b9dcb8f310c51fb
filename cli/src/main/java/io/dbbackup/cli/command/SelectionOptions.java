package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiException;
import java.util.List;
import picocli.CommandLine.Option;

/** What of its databases a backup takes. */
final class SelectionOptions {
    @Option(names = "--schema-only", description = "Definitions without rows, values of sequences and large objects.")
    private boolean schemaOnly;

    @Option(names = "--data-only", description = "Rows without definitions, to be restored into tables that exist.")
    private boolean dataOnly;

    @Option(
            names = "--include-table",
            paramLabel = "PATTERN",
            description = "Only these tables: table, schema.table or database.schema.table, with * and ?; may be repeated.")
    private List<String> includeTables;

    @Option(
            names = "--exclude-table",
            paramLabel = "PATTERN",
            description = "Not these tables, nor the views that read them; may be repeated.")
    private List<String> excludeTables;

    @Option(
            names = "--exclude-table-data",
            paramLabel = "PATTERN",
            description = "Not the rows of these tables; may be repeated.")
    private List<String> excludeTableData;

    @Option(
            names = "--sample",
            paramLabel = "AMOUNT",
            description = "A part of the rows of every table, for example 1%%, or a number of rows per table, and the rows that"
                    + " these refer to.")
    private String sample;

    @Option(names = "--sample-seed", paramLabel = "N", description = "Another seed chooses other rows.")
    private Long sampleSeed;

    /** @throws ApiException when both kinds of contents are given */
    void into(ObjectNode parameters) {
        if (schemaOnly && dataOnly) {
            throw ApiException.usage(
                    "--schema-only and --data-only are both given", "Give one of them, or neither for everything.");
        }
        RunCommand.put(parameters, "contents", schemaOnly ? "schema" : dataOnly ? "data" : null);
        RunCommand.putList(parameters, "includeTables", includeTables);
        RunCommand.putList(parameters, "excludeTables", excludeTables);
        RunCommand.putList(parameters, "excludeTableData", excludeTableData);
        RunCommand.put(parameters, "sample", sample);
        RunCommand.put(parameters, "sampleSeed", sampleSeed);
    }
}
