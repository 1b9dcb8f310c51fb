package io.dbbackup.rest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Json;
import io.dbbackup.model.RunState;
import io.dbbackup.service.report.ReportLine;
import io.dbbackup.service.report.ReportService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
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

    private static void body(ReportService service, String format, ByteArrayOutputStream out) throws IOException {
        Period period = Period.of(Optional.empty(), Optional.empty(), ZoneOffset.UTC, Instant.EPOCH);
        new ReportResource(service, Clock.systemUTC()).body(format, period).write(out);
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
                    Optional.empty(), Optional.empty(), 1, Optional.empty(), Optional.empty(), Optional.empty(), RunState.SUCCEEDED,
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), items, 0, 0, 0, 0, 0, Optional.empty(),
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());
        }
    }
}
