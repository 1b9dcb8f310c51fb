package io.dbbackup.cli.demo;

import io.dbbackup.cli.text.Facts;
import io.dbbackup.cli.text.Table;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Tells the demo as numbered steps, each with what it did and how long it took. Not thread-safe. */
final class Narrator {
    private static final String INDENT = "   ";

    private final PrintWriter out;
    private final int steps;
    private final BooleanSupplier interrupted;
    private final long begun = System.nanoTime();
    private int number;
    private String title = "preparation";
    private long stepBegun = begun;

    /** @param interrupted whether nothing more is to be done */
    Narrator(PrintWriter out, int steps, BooleanSupplier interrupted) {
        this.out = out;
        this.steps = steps;
        this.interrupted = interrupted;
    }

    /** @throws CancellationException when nothing more is to be done */
    void step(String name) {
        goOn();
        number++;
        title = name;
        stepBegun = System.nanoTime();
        out.println();
        out.println("[" + number + "/" + steps + "] " + name);
    }

    /**
     * What a user would type for this.
     *
     * @throws CancellationException when nothing more is to be done
     */
    void command(String command) {
        say("$ dbbackup " + command);
    }

    void say(String line) {
        goOn();
        out.println(INDENT + line);
    }

    void facts(Map<String, String> facts) {
        goOn();
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

    private void goOn() {
        if (interrupted.getAsBoolean()) {
            throw new CancellationException("the demo is being ended");
        }
    }

    static String seconds(long sinceNanos) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - sinceNanos) / 1e9);
    }
}
