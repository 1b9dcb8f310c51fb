package io.dbbackup.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A peer: a pipeline of the shell. It fails when any part of it fails. */
final class Shell implements Contender {
    private final String name;
    private final String script;
    private final Path output;
    private final Map<String, String> environment;
    private final List<Server> servers;
    private final Runnable before;

    /** @param output file or directory that the script writes to; removed before each run */
    Shell(String name, String script, Path output, Map<String, String> environment, List<Server> servers,
            Runnable before) {
        this.name = name;
        this.script = script;
        this.output = output;
        this.environment = environment;
        this.servers = servers;
        this.before = before;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void before() {
        before.run();
    }

    @Override
    public Sample run() {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "set -euo pipefail; " + script)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        double children = Cpu.secondsOfChildren();
        Stopwatch watch = new Stopwatch(servers);
        try {
            Process process = builder.start();
            try (Memory memory = new Memory(process.pid())) {
                int exit = process.waitFor();
                if (exit != 0) {
                    throw new IllegalStateException(name + " ended with " + exit + ": " + script);
                }
                return watch.sample(Cpu.secondsOfChildren() - children, memory.peak(), Trees.bytes(output));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Files and directories. */
    static final class Trees {
        private Trees() {}

        static long bytes(Path root) {
            if (!Files.exists(root)) {
                return 0;
            }
            try (Stream<Path> all = Files.walk(root)) {
                return all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static void delete(Path root) {
            if (!Files.exists(root)) {
                return;
            }
            try (Stream<Path> all = Files.walk(root)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
