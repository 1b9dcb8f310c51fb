package io.dbbackup.rest.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.rest.Query;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.report.ReportCsv;
import io.dbbackup.service.report.ReportService;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The runs of a period, for the auditor. */
@Path("/report")
@ApplicationScoped
@RolesAllowed({Roles.VIEWER, Roles.OPERATOR, Roles.ADMIN})
@Tag(name = "report")
public class ReportResource {
    private ReportService report;
    private Clock clock;

    public ReportResource() {}

    @Inject
    public ReportResource(ReportService report, Clock clock) {
        this.report = report;
        this.clock = clock;
    }

    @GET
    @Operation(
            summary = "The runs of a period from job repository and catalog",
            description = "from and to are days or instants (default: the last 30 days); format is json or csv.")
    public Response get(
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @QueryParam("zone") String zone,
            @DefaultValue("json") @QueryParam("format") String format) {
        Period period =
                Period.of(Query.text(from), Query.text(to), Period.zone(Query.text(zone)), clock.instant());
        return switch (format) {
            case "json" -> answer(MediaType.APPLICATION_JSON, "json", body(format, period));
            case "csv" -> answer("text/csv;charset=utf-8", "csv", body(format, period));
            default -> throw new BackupException(
                    ErrorCode.INVALID_PARAMETER, "format is \"" + format + "\"", "Give json or csv.");
        };
    }

    /** What it throws is thrown before anything is answered. */
    StreamingOutput body(String format, Period period) {
        return Spooled.of(out -> {
            if (format.equals("csv")) {
                csv(period, out);
            } else {
                json(period, out);
            }
        });
    }

    private static Response answer(String type, String suffix, StreamingOutput body) {
        return Response.ok(body, MediaType.valueOf(type))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"dbbackup-report." + suffix + "\"")
                .build();
    }

    private void json(Period period, OutputStream out) throws IOException {
        try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("from", period.from().toString());
            json.writeStringField("to", period.to().toString());
            json.writeArrayFieldStart("runs");
            report.each(period.from(), period.to(), json::writePOJO);
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void csv(Period period, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        try (ReportCsv csv = new ReportCsv(writer)) {
            report.each(period.from(), period.to(), csv::write);
        }
    }
}
