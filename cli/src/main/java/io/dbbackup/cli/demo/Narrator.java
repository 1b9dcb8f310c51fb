package io.dbbackup.cli.demo;

import io.dbbackup.cli.text.Facts;
import io.dbbackup.cli.text.Table;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;

/** Tells the demo as numbered steps, each with what it did and how long it took. Not thread-safe. */
final class Narrator {
    private static final String INDENT = "   ";

    private final PrintWriter out;
    private final int steps;
    private final long begun = System.nanoTime();
    private int number;
    private String title = "preparation";
    private long stepBegun = begun;

    Narrator(PrintWriter out, int steps) {
        this.out = out;
        this.steps = steps;
    }

    void step(String name) {
        number++;
        title = name;
        stepBegun = System.nanoTime();
        out.println();
        out.println("[" + number + "/" + steps + "] " + name);
    }

    /** What a user would type for this. */
    void command(String command) {
        say("$ dbbackup " + command);
    }

    void say(String line) {
        out.println(INDENT + line);
    }

    void facts(Map<String, String> facts) {
        Facts.print(out, facts, INDENT);
    }

    void table(Table table) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text));
        text.toString().lines().forEach(this::say);
    }

    /** The step succeeded. */
    void done(String result) {
        say("ok, " + seconds(stepBegun) + (result.isEmpty() ? "" : ": " + result));
    }

    /** Where it is, for messages. */
    String where() {
        return number == 0 ? title : "step " + number + " of " + steps + " (" + title + ")";
    }

    String total() {
        return seconds(begun);
    }

    static String seconds(long sinceNanos) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - sinceNanos) / 1e9);
    }
}
