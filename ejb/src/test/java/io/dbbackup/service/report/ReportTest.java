package io.dbbackup.service.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.CatalogFixture;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.model.VerifyLevel;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final CatalogFixture catalog = new CatalogFixture();
    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private final Runs runs = catalog.bean(Runs.class, clock);
    private final WorkQueue queue = catalog.bean(WorkQueue.class, clock);
    private final Verifications verifications = catalog.bean(Verifications.class);
    private final ReportService report = new ReportService(runs, queue, verifications, new JobRecords() {
        @Override
        public Optional<String> batchStatus(long jobExecution) {
            return Optional.of("STOPPED");
        }

        @Override
        public List<ReportLine.Step> steps(long jobExecution) {
            return List.of(new ReportLine.Step(
                    "work", "COMPLETED", "COMPLETED", Optional.of(NOW), Optional.of(NOW), Map.of("READ_COUNT", 7L)));
        }
    });

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void a_run_is_reported_with_who_when_outcome_steps_and_verdict() throws IOException {
        RunView run = run("=HYPERLINK(\"http://evil\")");
        verifications.finish(verifications.begin("set", run.id(), VerifyLevel.CONTENT, NOW), false, NOW, Map.of());
        CSVRecord line = csv().get(0);
        assertThat(line.toMap())
                .containsEntry("job", "verify")
                .containsEntry("label", "'=HYPERLINK(\"http://evil\")")
                .containsEntry("parameters", "level=content set=latest:shop")
                .containsEntry("started_by", "ann")
                .containsEntry("started_via", "rest")
                .containsEntry("created_at", "2026-03-01T12:00:00Z")
                .containsEntry("seconds", "0")
                .containsEntry("batch_status", "STOPPED")
                .containsEntry("exit_status", "FAILED")
                .containsEntry("state", "FAILED")
                .containsEntry("verified_level", "CONTENT")
                .containsEntry("verified_passed", "false")
                .containsEntry("problem_code", "VERIFICATION_FAILED")
                .containsEntry("problem", "two rows, \"differ\"\nin shop")
                .containsEntry("steps", "work COMPLETED (READ_COUNT=7)")
                .containsEntry("policy", "")
                .containsEntry("reused_bytes", "")
                .containsEntry("log_position", "binlog.000002:4711")
                .containsEntry("lock_millis", "7");
    }

    @Test
    void only_runs_of_the_period_are_reported_over_many_pages_each_once() {
        for (int i = 0; i < 450; i++) {
            run("run " + i);
        }
        List<ReportLine> lines = lines(NOW, NOW.plusSeconds(1));
        assertThat(lines).hasSize(450);
        assertThat(lines.stream().map(ReportLine::run)).doesNotHaveDuplicates();
        assertThat(lines(NOW.minusSeconds(10), NOW)).isEmpty();
    }

    @Test
    void cells_that_a_spreadsheet_would_execute_are_made_harmless() {
        assertThat(List.of("=1", "+1", "-1", "@x", "\tx", "\r=1")).allMatch(cell -> ReportCsv.cell(cell).startsWith("'"));
        assertThat(ReportCsv.cell("a=b")).isEqualTo("a=b");
        assertThat(ReportCsv.cell(-5L)).isEqualTo("-5");
        assertThat(ReportCsv.cell(Optional.of("=1"))).isEqualTo("'=1");
        assertThat(ReportCsv.cell(Optional.empty())).isEmpty();
    }

    @Test
    void lines_are_json_as_well() {
        run("a run");
        assertThat(Json.write(lines(NOW, NOW.plusSeconds(1)).get(0)))
                .contains("\"startedBy\":\"ann\"", "\"READ_COUNT\":7", "\"createdAt\":\"2026-03-01T12:00:00Z\"")
                .doesNotContain("\"policy\"");
    }

    private RunView run(String label) {
        RunView run = runs.create(
                new RunDraft(
                        Operation.VERIFY, label, Optional.of("shop"), Optional.empty(), Optional.empty(), Optional.of("set"),
                        Map.of("set", "latest:shop", "level", "content")),
                "ann", "rest", Optional.empty(), "");
        runs.begin(run.id(), 1, 1, "node");
        runs.problem(run.id(), new Problem(
                ErrorCode.VERIFICATION_FAILED, "two rows, \"differ\"\nin shop", "Look at the findings."));
        runs.summary(run.id(), Map.of("logPosition", "binlog.000002:4711", "lockMillis", 7));
        return runs.end(run.id(), RunState.FAILED, "FAILED");
    }

    private List<ReportLine> lines(Instant from, Instant to) {
        List<ReportLine> lines = new ArrayList<>();
        report.each(from, to, lines::add);
        return lines;
    }

    private List<CSVRecord> csv() throws IOException {
        StringWriter text = new StringWriter();
        try (ReportCsv csv = new ReportCsv(text)) {
            report.each(NOW, NOW.plusSeconds(1), csv::write);
        }
        return CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get()
                .parse(new StringReader(text.toString())).getRecords();
    }
}
