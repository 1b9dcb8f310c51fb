package io.dbbackup.service.notice;

import io.dbbackup.catalog.RunProgress;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.ChannelConfig.When;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.spi.Notification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How a run ended, in words: the failure first, then what to do, then the facts. Holds no secrets. */
final class RunNotice {
    private static final int WARNINGS_SHOWN = 20;

    private final RunView run;
    private final RunProgress progress;
    private final List<String> warnings;

    RunNotice(RunView run, RunProgress progress, List<String> warnings) {
        this.run = run;
        this.progress = progress;
        this.warnings = warnings;
    }

    /** True when a channel with this wish is told. Stopping a run is no failure: somebody did it on purpose. */
    static boolean wanted(When when, RunView run) {
        return switch (run.state()) {
            case SUCCEEDED -> when != When.FAILURE;
            case SUCCEEDED_WITH_WARNINGS, FAILED, INTERRUPTED -> when != When.SUCCESS;
            case STOPPED -> when == When.ALWAYS;
            case QUEUED, RUNNING, STOPPING -> false;
        };
    }

    Notification notification() {
        return new Notification(subject(), text(), html());
    }

    private String subject() {
        return outcome() + ": " + run.label();
    }

    private String outcome() {
        return switch (run.state()) {
            case SUCCEEDED -> "succeeded";
            case SUCCEEDED_WITH_WARNINGS -> run.problem().isPresent() ? "PARTLY FAILED" : "succeeded with warnings";
            case STOPPED -> "stopped";
            case INTERRUPTED -> "INTERRUPTED";
            case FAILED, QUEUED, RUNNING, STOPPING -> "FAILED";
        };
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Outcome", outcome());
        facts.put("Run", run.id() + " (" + run.operation().jobName() + ")");
        run.source().ifPresent(source -> facts.put("Source", source));
        run.store().ifPresent(store -> facts.put("Store", store));
        run.policy().ifPresent(policy -> facts.put("Policy", policy));
        run.set().ifPresent(set -> facts.put("Backup set", set));
        facts.put("Started by", run.startedBy() + " via " + run.startedVia());
        run.startedAt().ifPresent(start -> facts.put("Started at", start.toString()));
        run.endedAt().ifPresent(end -> facts.put("Ended at", end.toString()));
        run.endedAt().ifPresent(end -> {
            run.executionStartedAt().ifPresent(start -> facts.put("Duration", duration(Duration.between(start, end))));
            if (run.executions() > 1) {
                run.startedAt().ifPresent(start -> facts.put("Since first", duration(Duration.between(start, end)) + " since the first of "
                        + run.executions() + " executions began"));
            }
        });
        facts.put("Work items", progress.itemsDone() + " of " + progress.items() + " done, " + progress.itemsFailed()
                + " failed");
        facts.put("Bytes", grouped(progress.bytesDone()) + " (" + grouped(progress.storedBytes())
                + " in the store)");
        facts.put("Rows", grouped(progress.rows()));
        return facts;
    }

    private List<String> shownWarnings() {
        List<String> shown = new ArrayList<>(warnings.subList(0, Math.min(WARNINGS_SHOWN, warnings.size())));
        if (warnings.size() > WARNINGS_SHOWN) {
            shown.add("... and " + (warnings.size() - WARNINGS_SHOWN) + " more");
        }
        return shown;
    }

    private List<String> whatToDo() {
        List<String> todo = new ArrayList<>();
        NextStep.of(run, progress.items() > 0).ifPresent(todo::add);
        todo.add("Details: dbbackup runs " + run.id());
        return todo;
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        run.problem().ifPresent(p -> text.append(p.code()).append(": ").append(p.cause()).append("\n\n"));
        text.append("What to do:\n");
        whatToDo().forEach(line -> text.append("  ").append(indented(line)).append('\n'));
        text.append('\n');
        facts().forEach((name, value) -> text.append("%-12s %s%n".formatted(name + ":", value)));
        if (!warnings.isEmpty()) {
            text.append("\nWarnings:\n");
            shownWarnings().forEach(warning -> text.append("  ").append(indented(warning)).append('\n'));
        }
        return text.toString();
    }

    private String html() {
        StringBuilder html = new StringBuilder("<html><body style=\"font-family:sans-serif\">");
        html.append("<h2>").append(escape(outcome() + ": " + run.label())).append("</h2>");
        run.problem().ifPresent(p -> html.append("<p style=\"color:#a30000\"><b>").append(p.code()).append("</b>: ")
                .append(escape(p.cause())).append("</p>"));
        html.append("<p>");
        whatToDo().forEach(line -> html.append(escape(line)).append("<br>"));
        html.append("</p><table>");
        facts().forEach((name, value) -> html.append("<tr><th align=\"left\">").append(escape(name)).append("</th><td>")
                .append(escape(value)).append("</td></tr>"));
        html.append("</table>");
        if (!warnings.isEmpty()) {
            html.append("<p>Warnings:</p><ul>");
            shownWarnings().forEach(warning -> html.append("<li>").append(escape(warning)).append("</li>"));
            html.append("</ul>");
        }
        return html.append("</body></html>").toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("\n", "<br>");
    }

    private static String indented(String text) {
        return text.replace("\n", "\n  ");
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String duration(Duration d) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart());
    }
}
