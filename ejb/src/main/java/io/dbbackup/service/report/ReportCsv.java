package io.dbbackup.service.report;

import io.dbbackup.model.Problem;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Writes report lines as CSV (RFC 4180, UTF-8, header line). A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front. Not thread-safe.
 */
public final class ReportCsv implements Closeable {
    private static final List<String> COLUMNS = List.of(
            "run", "job", "label", "parameters", "started_by", "started_via", "created_at", "started_at", "ended_at",
            "seconds", "executions", "job_execution", "batch_status", "exit_status", "state", "source", "store", "policy",
            "set", "items", "items_done", "items_failed", "plain_bytes", "stored_bytes", "rows", "verified_level",
            "verified_passed", "verified_at", "problem_code", "problem", "warnings", "steps",
            "reused_bytes", "log_position", "lock_millis", "execution_started_at");

    private final CSVPrinter printer;

    public ReportCsv(Writer out) throws IOException {
        printer = new CSVPrinter(out, CSVFormat.RFC4180);
        printer.printRecord(COLUMNS);
    }

    public void write(ReportLine line) throws IOException {
        Optional<ReportLine.Verdict> verdict = line.verification();
        for (Object value : new Object[] {
            line.run(), line.job(), line.label(), pairs(line.parameters()), line.startedBy(), line.startedVia(),
            line.createdAt(), line.startedAt(), line.endedAt(), line.seconds(), line.executions(), line.jobExecution(),
            line.batchStatus(), line.exitStatus(), line.state(), line.source(), line.store(), line.policy(), line.set(),
            line.items(), line.itemsDone(), line.itemsFailed(), line.plainBytes(), line.storedBytes(), line.rows(),
            verdict.map(ReportLine.Verdict::level), verdict.map(ReportLine.Verdict::passed),
            verdict.map(ReportLine.Verdict::at), line.problem().map(Problem::code), line.problem().map(Problem::cause),
            String.join("; ", line.warnings()),
            line.steps().stream().map(ReportCsv::step).collect(Collectors.joining("; ")), line.reusedBytes(),
            line.logPosition(), line.lockMillis(), line.executionStartedAt()
        }) {
            printer.print(cell(value));
        }
        printer.println();
    }

    /** The text of a cell, harmless in a spreadsheet. */
    static String cell(Object value) {
        Object content = value instanceof Optional<?> optional ? optional.map(Object.class::cast).orElse("") : value;
        String text = content.toString();
        boolean formula = !text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0;
        return formula && !(content instanceof Number) ? "'" + text : text;
    }

    private static String step(ReportLine.Step step) {
        return step.name() + " " + step.exitStatus() + (step.counts().isEmpty() ? "" : " (" + pairs(step.counts()) + ")");
    }

    private static String pairs(Map<String, ?> map) {
        return map.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" "));
    }

    /** Flushes; the writer stays open. */
    @Override
    public void close() {
        try {
            printer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
