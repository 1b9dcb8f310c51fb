package io.dbbackup.rest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Json;
import io.dbbackup.model.RunState;
import io.dbbackup.service.report.ReportLine;
import io.dbbackup.service.report.ReportService;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReportResourceTest {
    /** A report without the runs that could not be read would look like a whole one. */
    @Test
    void a_report_that_fails_on_its_way_is_a_problem_and_none_that_ends_early() {
        ReportService failing = new Lines(2) {
            @Override
            public <E extends Exception> void each(Instant from, Instant to, Sink<E> sink) throws E {
                super.each(from, to, sink);
                throw new IllegalStateException("the catalog is gone");
            }
        };
        for (String format : List.of("json", "csv")) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            assertThatThrownBy(() -> body(failing, format, sent)).hasMessage("the catalog is gone");
            assertThat(sent.toString(StandardCharsets.UTF_8)).as(format).isEmpty();
        }
    }

    @Test
    void a_report_is_sent_as_a_whole() throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        body(new Lines(1000), "json", json);
        assertThat(Json.MAPPER.readTree(json.toByteArray()).path("runs")).hasSize(1000);
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        body(new Lines(1000), "csv", csv);
        assertThat(csv.toString(StandardCharsets.UTF_8).lines()).hasSize(1001);
    }

    /** Nobody else closes the file, which has no name any more but takes room until then. */
    @Test
    void a_report_that_is_not_sent_leaves_no_file_open() throws IOException {
        ReportService failing = new Lines(1) {
            @Override
            public <E extends Exception> void each(Instant from, Instant to, Sink<E> sink) throws E {
                super.each(from, to, sink);
                throw new OutOfMemoryError("tried out");
            }
        };
        StreamingOutput whole = spooled(new Lines(1), "json");
        assertThat(open()).as("what is to be sent").hasSize(1);
        assertThatThrownBy(() -> spooled(failing, "json")).isInstanceOf(OutOfMemoryError.class);
        whole.write(OutputStream.nullOutputStream());
        assertThat(open()).isEmpty();
    }

    /** Files that this process has open, as Linux tells it. */
    private static List<String> open() throws IOException {
        List<String> open = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors) {
                try {
                    open.add(Files.readSymbolicLink(each).toString());
                } catch (NoSuchFileException e) {
                    // that of this look itself
                    continue;
                }
            }
        }
        open.removeIf(name -> !name.contains("dbbackup-answer-"));
        return open;
    }

    private static void body(ReportService service, String format, ByteArrayOutputStream out) throws IOException {
        spooled(service, format).write(out);
    }

    private static StreamingOutput spooled(ReportService service, String format) {
        Period period = Period.of(Optional.empty(), Optional.empty(), ZoneOffset.UTC, Instant.EPOCH);
        return new ReportResource(service, Clock.systemUTC()).body(format, period);
    }

    /** As many lines as wanted. */
    private static class Lines extends ReportService {
        private final int count;

        Lines(int count) {
            this.count = count;
        }

        @Override
        public <E extends Exception> void each(Instant from, Instant to, Sink<E> sink) throws E {
            for (int i = 0; i < count; i++) {
                sink.accept(line(i));
            }
        }

        private static ReportLine line(int items) {
            return new ReportLine(
                    new UUID(0, items), "backup", "backup of pg to store", Map.of(), "ann", "rest", Instant.EPOCH, Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty(), 1, Optional.empty(), Optional.empty(), Optional.empty(), RunState.SUCCEEDED,
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), items, 0, 0, 0, 0, 0, Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());
        }
    }
}
