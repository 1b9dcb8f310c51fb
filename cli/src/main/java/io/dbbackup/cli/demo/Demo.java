package io.dbbackup.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.demo.DemoRuns.Item;
import io.dbbackup.cli.follow.RunFollower;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Table;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The steps of the demo. */
final class Demo {
    static final int STEPS = 8;

    private final Narrator narrator;
    private final DemoDirectory directory;
    private final DemoServer server;
    private final Cleanup cleanup;
    private final PrintWriter err;
    private final boolean bar;
    private final String engine;
    private final Supplier<DemoDatabase> starter;
    private DemoRuns runs;

    /**
     * The steps.
     *
     * @param bar whether progress is shown as a bar
     * @param engine what people call the database servers
     * @param starter starts one of them
     */
    Demo(
            Narrator narrator, DemoDirectory directory, DemoServer server, Cleanup cleanup, PrintWriter err, boolean bar,
            String engine, Supplier<DemoDatabase> starter) {
        this.narrator = narrator;
        this.directory = directory;
        this.server = server;
        this.cleanup = cleanup;
        this.err = err;
        this.bar = bar;
        this.engine = engine;
        this.starter = starter;
    }

    /** @param rows rows of the table that is large enough to be split */
    void run(long rows) {
        startServer();
        DemoDatabase source = sampleCluster(rows);
        DemoDatabase target = configure(source);
        String set = backup();
        verify(set);
        restoreThroughCrash(set);
        compare(source, target);
        retention();
    }

    private void startServer() {
        narrator.step("Start the application server");
        narrator.command("server start");
        server.start();
        connect();
        narrator.facts(addresses());
        narrator.done("WildFly, jobs in XML, catalog and job repository in an embedded H2 file");
    }

    /** Where people find it while it runs. */
    Map<String, String> addresses() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("REST", server.rest() + "/api/v1");
        facts.put("HAL console", server.console());
        facts.put("User", "admin, password in " + server.passwordFile());
        return facts;
    }

    private void connect() {
        runs = new DemoRuns(server.client(), err, bar);
    }

    private DemoDatabase sampleCluster(long rows) {
        narrator.step("Start a throwaway " + engine + " with sample data");
        DemoDatabase source = instance();
        String contents = source.fill(rows);
        narrator.table(source.databases());
        narrator.done(source.title() + ", " + contents);
        return source;
    }

    private DemoDatabase configure(DemoDatabase source) {
        narrator.step("Start an empty " + engine + " to restore into, and apply the configuration");
        DemoDatabase target = instance();
        Path sourcePassword = directory.write("source-password", source.password());
        Path targetPassword = directory.write("target-password", target.password());
        String yaml = DemoConfiguration.yaml(source, sourcePassword, target, targetPassword, directory.store());
        Path file = directory.write("dbbackup.yaml", yaml);
        narrator.command("apply -f " + file);
        yaml.lines().forEach(line -> narrator.say("  " + line));
        JsonNode changes = server.client().put(
                "/config", Map.of("dryRun", "false"), yaml.getBytes(StandardCharsets.UTF_8), "application/yaml",
                "changes");
        narrator.done(changes.path("changes").size() + " items; the passwords stay in their files");
        return target;
    }

    private DemoDatabase instance() {
        DemoDatabase instance = starter.get();
        cleanup.add("stop " + instance, instance::close);
        return instance;
    }

    private String backup() {
        narrator.step("Back up the whole server");
        String set = backupOnce();
        narrator.done("set " + set);
        return set;
    }

    private String backupOnce() {
        narrator.command("backup " + DemoConfiguration.POLICY);
        long begun = System.nanoTime();
        JsonNode run = runs.finish(runs.start("backup", Map.of("policy", DemoConfiguration.POLICY)));
        double seconds = (System.nanoTime() - begun) / 1e9;
        JsonNode summary = run.path("summary");
        long plain = summary.path("plainBytes").asLong();
        long stored = summary.path("storedBytes").asLong();
        narrator.facts(facts(
                "Databases", summary.path("databases").asText() + " with " + summary.path("tables").asText()
                        + " tables, and the accounts and roles",
                "Rows", Amounts.number(summary.path("rows").asLong()),
                "Bytes", Amounts.bytes(plain) + " of content, " + Amounts.bytes(stored) + " in the store (ratio "
                        + String.format(Locale.ROOT, "%.1f", (double) plain / Math.max(1, stored)) + "), "
                        + Amounts.bytes((long) (plain / seconds)) + "/s",
                "Work items", items(run)));
        warnings(run);
        return summary.path("set").asText();
    }

    private void verify(String set) {
        narrator.step("Verify by a real restore into a server that lives only for this");
        verifyOnce(set, "restore");
        narrator.done("the set is proven to restore");
    }

    private void verifyOnce(String set, String level) {
        narrator.command("verify " + set + " --level " + level);
        JsonNode run = runs.finish(runs.start("verify", Map.of("set", set, "level", level)));
        JsonNode report = run.path("summary");
        narrator.facts(facts(
                "Read and checked", Amounts.bytes(report.path("storedBytes").asLong()) + " of the store",
                "Rows", Amounts.number(report.path("rowsFound").asLong()) + " found, "
                        + Amounts.number(report.path("rowsExpected").asLong()) + " expected",
                "Fingerprints equal", report.path("tables").asText() + " of " + report.path("tables").asText() + " tables",
                "Work items", items(run)));
        warnings(run);
    }

    private void restoreThroughCrash(String set) {
        narrator.step("Restore into the empty server, and kill the application server half-way");
        narrator.command("restore " + set + " --target " + DemoConfiguration.TARGET);
        JsonNode run = runs.start("restore", Map.of("set", set, "target", DemoConfiguration.TARGET));
        String id = run.path("id").asText();
        awaitHalfOfData(id);
        long pid = server.kill();
        narrator.say("kill -9 " + pid + ": the application server is gone");
        narrator.command("server start");
        server.start();
        connect();
        JsonNode found = runs.get(id);
        if (!found.path("state").asText().equals("INTERRUPTED")) {
            throw new ApiException(
                    "DEMO_PROOF_FAILED", "the run of the killed server is " + found.path("state").asText()
                            + ", not INTERRUPTED", "This is a defect; please report it with the server's log.", 70);
        }
        Map<String, Item> before = runs.items(id);
        narrator.say("The run is " + found.path("state").asText() + " (" + found.path("problem").path("code").asText()
                + ") and restartable; data parts loaded: " + data(before, true) + " of " + data(before, false));
        narrator.command("restart " + id);
        JsonNode finished = runs.finish(runs.restart(id));
        Map<String, Item> after = runs.items(id);
        narrator.facts(CrashProof.of(before, after).facts());
        JsonNode summary = finished.path("summary");
        requireAllEqual(summary);
        narrator.facts(facts(
                "Databases", Integer.toString(summary.path("restored").size()),
                "Rows", Amounts.number(summary.path("rows").asLong()),
                "Bytes", Amounts.bytes(summary.path("plainBytes").asLong()),
                "Fingerprints equal", summary.path("tablesEqual").asText() + " of "
                        + summary.path("tablesCompared").asText() + " tables"));
        warnings(finished);
        narrator.done(finished.path("executions").asText() + " executions of one run");
    }

    private static void requireAllEqual(JsonNode summary) {
        long compared = summary.path("tablesCompared").asLong();
        if (compared == 0 || compared != summary.path("tablesEqual").asLong()) {
            throw new ApiException(
                    "FINGERPRINT_MISMATCH", "only " + summary.path("tablesEqual").asText() + " of " + compared
                            + " restored tables equal the set", "This is a defect; please report it.", 3);
        }
    }

    /** Returns when some parts are loaded, others not. */
    private void awaitHalfOfData(String run) {
        while (true) {
            Map<String, Item> items = runs.items(run);
            long done = data(items, true);
            long all = data(items, false);
            if (all > 0 && done >= Math.max(2, all / 3) && done < all) {
                narrator.say(done + " of " + all + " data parts are loaded: now");
                return;
            }
            JsonNode now = runs.get(run);
            if (RunFollower.ended(now) || all > 0 && done == all) {
                runs.finish(now);
                throw new ApiException(
                        "DEMO_TOO_FAST", "all data was loaded before the server could be killed",
                        "Run the demo with a larger table, for example --rows 4000000.", 75);
            }
        }
    }

    private static long data(Map<String, Item> items, boolean onlyDone) {
        return items.values().stream().filter(item -> item.data() && (!onlyDone || item.done())).count();
    }

    private void compare(DemoDatabase source, DemoDatabase target) {
        narrator.step("Compare both servers with " + engine + "'s own tools");
        narrator.done("equal: " + source.compare(target));
    }

    private void retention() {
        narrator.step("Back up once more, and ask which sets the policy would let expire");
        String second = backupOnce();
        verifyOnce(second, "content");
        narrator.command("retention " + DemoConfiguration.POLICY + " --dry-run");
        JsonNode run = runs.finish(
                runs.start("retention", Map.of("policy", DemoConfiguration.POLICY, "dryRun", "true")));
        JsonNode report = run.path("summary");
        Table table = new Table("SET", "TAKEN", "SIZE", "DECISION", "RULES");
        decisions(table, report.path("keep"), "keep");
        decisions(table, report.path("expire"), "expire");
        narrator.table(table);
        warnings(run);
        narrator.done("a dry run deletes nothing; it would free " + Amounts.bytes(report.path("bytesFreed").asLong()));
    }

    private static void decisions(Table table, JsonNode decided, String decision) {
        decided.forEach(set -> {
            List<String> rules = new ArrayList<>();
            set.path("rules").forEach(rule -> rules.add(rule.asText()));
            table.row(
                    set.path("set").asText(), Amounts.instant(set.path("takenAt").asText()),
                    Amounts.bytes(set.path("storedBytes").asLong()), decision, String.join(", ", rules));
        });
    }

    private static String items(JsonNode run) {
        JsonNode items = run.path("progress").path("items");
        return items.path("done").asText() + " of " + items.path("total").asText() + " done";
    }

    private void warnings(JsonNode run) {
        run.path("warnings").forEach(warning -> narrator.say("WARNING: " + warning.asText()));
    }

    private static Map<String, String> facts(String... namesAndValues) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            facts.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return facts;
    }
}
