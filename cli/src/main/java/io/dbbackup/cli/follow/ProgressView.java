package io.dbbackup.cli.follow;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.RunText;
import java.io.PrintWriter;
import java.time.Duration;

/** Shows the progress of a run: a bar on a terminal, otherwise one line per half minute and per change of state. Thread-safe. */
final class ProgressView {
    private static final int BAR = 30;
    private static final Duration LINE_EVERY = Duration.ofSeconds(30);

    private final PrintWriter err;
    private final boolean bar;
    private String lastState = "";
    private long lastLine;
    private int drawn;

    ProgressView(PrintWriter err, boolean bar) {
        this.err = err;
        this.bar = bar;
    }

    /** How long the next question may wait on the server: it answers at once when the state changes. */
    String patience() {
        return bar ? "500ms" : LINE_EVERY.toSeconds() + "s";
    }

    synchronized void show(JsonNode run) {
        String state = run.path("state").asText();
        if (bar) {
            draw(line(run));
        } else if (!state.equals(lastState) || System.nanoTime() - lastLine >= LINE_EVERY.toNanos()) {
            err.println(line(run));
            lastLine = System.nanoTime();
        }
        lastState = state;
    }

    /** Something else to say, above the bar. */
    synchronized void say(String text) {
        clear();
        err.println(text);
    }

    /** Removes the bar. */
    synchronized void clear() {
        if (drawn > 0) {
            err.print("\r" + " ".repeat(drawn) + "\r");
            err.flush();
            drawn = 0;
        }
    }

    private void draw(String line) {
        err.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
        err.flush();
        drawn = line.length();
    }

    private String line(JsonNode run) {
        JsonNode progress = run.path("progress");
        if (progress.path("items").path("total").asLong() == 0) {
            return RunText.state(run) + "  " + (progress.path("limits").isEmpty()
                    ? "looking what there is to do"
                    : progress.path("limits").get(0).asText());
        }
        long done = progress.path("bytesDone").asLong();
        long total = progress.path("bytesTotal").asLong();
        StringBuilder line = new StringBuilder(RunText.state(run)).append("  ");
        if (bar && total > 0) {
            int full = (int) Math.min(BAR, BAR * done / total);
            line.append('[').append("#".repeat(full)).append("-".repeat(BAR - full)).append("] ");
        }
        line.append(total > 0 ? Math.min(100, 100 * done / total) + "%  " : "")
                .append(Amounts.bytes(done)).append(" of ").append(Amounts.bytes(total))
                .append("  items ").append(progress.path("items").path("done").asLong())
                .append('/').append(progress.path("items").path("total").asLong());
        if (progress.hasNonNull("bytesPerSecond")) {
            line.append("  ").append(Amounts.bytes(progress.get("bytesPerSecond").asLong())).append("/s");
        }
        if (progress.hasNonNull("etaSeconds")) {
            line.append("  ETA ").append(Amounts.seconds(progress.get("etaSeconds").asLong()));
        }
        if (!bar) {
            // a bar has no room for sentences
            progress.path("limits").forEach(limit -> line.append("  ").append(limit.asText()));
        }
        return line.toString();
    }
}
