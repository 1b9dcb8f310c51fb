package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.command.Shared;
import io.dbbackup.throwaway.MysqlPrograms;
import io.dbbackup.throwaway.PostgresBinaries;
import io.dbbackup.throwaway.ThrowawayDirectories;
import io.dbbackup.throwaway.ThrowawayException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows everything on a real cluster, and cleans up after itself. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "A real PostgreSQL cluster, or a MariaDB, backed up, verified by a restore, restored although the server is killed"
                    + " half-way, compared, and expired by retention (dry run).",
            "Starts its own servers on free ports and removes them afterwards."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int FAILED = 70;

    /** What is backed up. */
    enum Engine {
        POSTGRESQL("PostgreSQL", DemoPostgres::start),
        MARIADB("MariaDB", DemoMariadb::start);

        private final String title;
        private final Supplier<DemoDatabase> starter;

        Engine(String title, Supplier<DemoDatabase> starter) {
            this.title = title;
            this.starter = starter;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Shared shared;

    @Spec
    private CommandSpec spec;

    @Option(names = "--engine", paramLabel = "NAME", defaultValue = "postgresql", description = "${COMPLETION-CANDIDATES}.")
    private Engine engine;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "400000",
            description = "Rows of the largest table, about 120 bytes each; default ${DEFAULT-VALUE}.")
    private long rows;

    @Option(names = "--keep", description = "Keep everything running after the last step, until Ctrl-C.")
    private boolean keep;

    public DemoCommand(Shared shared) {
        this.shared = shared;
    }

    @Override
    public Integer call() {
        if (rows < 100_000 || rows > 100_000_000) {
            throw ApiException.usage("--rows is " + rows, "Give a number from 100000 to 100000000.");
        }
        Path script = shared.environment().get("DBBACKUP_SCRIPT").map(Path::of).orElseThrow(() -> new ApiException(
                "NOT_INSTALLED", "the demo does not know the script dbbackup", "Start it as ./dbbackup demo.", 78));
        PrintWriter out = spec.commandLine().getOut();
        return run(out, script);
    }

    private int run(PrintWriter out, Path script) {
        DemoDirectory directory = DemoDirectory.claim(script.toAbsolutePath().getParent().resolve(".work"));
        Cleanup cleanup = new Cleanup(() -> out.println("\nStopping the demo's servers, removing its files ..."));
        Narrator narrator = new Narrator(out, Demo.STEPS, cleanup::interrupted);
        DemoServer server = new DemoServer(script, directory.server(), narrator::say);
        cleanup.add("remove the directory", directory::remove);
        // also what a demo has left that was killed
        cleanup.add("stop the server", server::end);
        new ServerProcesses(directory.server()).kill();
        sweep();
        directory.create();
        Demo demo = new Demo(
                narrator, directory, server, cleanup, spec.commandLine().getErr(), shared.terminal().interactive(),
                engine.title, engine.starter);
        int status = steps(narrator, demo, directory, server, cleanup);
        cleanup.close();
        sweep();
        if (status == 0) {
            out.println();
            out.println("Done in " + narrator.total() + "; all servers stopped, all files removed.");
        }
        return status;
    }

    private int steps(Narrator narrator, Demo demo, DemoDirectory directory, DemoServer server, Cleanup cleanup) {
        try {
            demo.run(rows);
            if (keep) {
                narrator.say("");
                narrator.say("Everything keeps running. To stop and remove it: Ctrl-C here, or kill "
                        + ProcessHandle.current().pid());
                narrator.facts(demo.addresses());
                new CountDownLatch(1).await();
            }
            return 0;
        } catch (ApiException e) {
            return failed(narrator, directory, server, cleanup, e.code() + ": " + e.reason(), e.remedy(), e.exitCode());
        } catch (ThrowawayException e) {
            return failed(narrator, directory, server, cleanup, "DATABASE_SERVER_FAILED: " + e.getMessage(),
                    "Programs in use: " + PostgresBinaries.all() + " " + MysqlPrograms.all(), FAILED);
        } catch (InterruptedException | RuntimeException e) {
            return failed(narrator, directory, server, cleanup, "INTERNAL: unexpected " + e,
                    "This is a defect; please report it.", FAILED);
        }
    }

    private int failed(
            Narrator narrator, DemoDirectory directory, DemoServer server, Cleanup cleanup, String what, String remedy,
            int exitCode) {
        if (cleanup.interrupted()) {
            return 130;
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println();
        err.println("The demo failed in " + narrator.where() + ".");
        err.println(what);
        err.println("HINT: " + remedy);
        err.println("The log of its server is kept as " + directory.keep(server.log()));
        return exitCode == 0 ? FAILED : exitCode;
    }

    /** Throwaway database servers whose owner was killed, as the demo does it to its server. */
    private static void sweep() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        ThrowawayDirectories.sweep(temporary);
        // where a server keeps those of its verifications
        ThrowawayDirectories.sweep(temporary.resolve("dbbackup-sandboxes-" + System.getProperty("user.name")));
    }
}
