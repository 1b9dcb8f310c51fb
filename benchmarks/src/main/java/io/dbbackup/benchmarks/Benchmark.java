package io.dbbackup.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The command line: makes the data, lets the contenders of every scenario run in turn (ours, peer, peer, ours, …; a round
 * first that does not count), prints a Markdown table, and with {@code --write} puts it into {@code docs/performance.md}.
 */
public final class Benchmark {
    private static final int WARM_UP_RUNS = 80;
    private static final double WARM_UP_SECONDS = 240;
    private static final double COMPILER = 0.03;

    private Path root = Path.of(".");
    private int rounds = 5;
    private double scale = 1;
    private boolean write;
    private boolean alone;
    private final List<String> chosen = new ArrayList<>();

    private Benchmark() {}

    public static void main(String[] arguments) throws IOException {
        Benchmark benchmark = new Benchmark();
        benchmark.options(List.of(arguments));
        benchmark.run();
    }

    private void options(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--root" -> root = Path.of(arguments.get(++i)).toAbsolutePath();
                case "--rounds" -> rounds = Integer.parseInt(arguments.get(++i));
                case "--scale" -> scale = Double.parseDouble(arguments.get(++i));
                case "--write" -> write = true;
                case "--alone" -> alone = true;
                case "--help" -> {
                    System.out.println("benchmarks/run [--rounds N (5)] [--scale FACTOR (1)] [--write] [--alone: without peers, and what happened when in the last run] [SCENARIO...]\n"
                            + "Scenarios (default: all): " + String.join(", ", new Scenarios(null).names()));
                    System.exit(0);
                }
                default -> chosen.add(arguments.get(i));
            }
        }
    }

    private void run() throws IOException {
        Map<Scenario.Section, Report> reports = new EnumMap<>(Scenario.Section.class);
        try (Laboratory lab = new Laboratory(root, scale)) {
            Scenarios scenarios = new Scenarios(lab);
            for (String name : chosen.isEmpty() ? scenarios.names() : chosen) {
                Scenario scenario = scenarios.get(name);
                Report report = reports.computeIfAbsent(scenario.section(), section -> new Report());
                report.add(alone ? scenario.alone() : scenario, measure(scenario));
                System.out.println(report.markdown());
                if (alone) {
                    System.out.println(lab.timeline());
                }
            }
        }
        for (Map.Entry<Scenario.Section, Report> each : reports.entrySet()) {
            System.out.println(machine(each.getKey()) + "\n" + each.getValue().markdown());
            if (write) {
                write(root.resolve("docs/performance.md"), each.getKey(), machine(each.getKey()), each.getValue());
            }
        }
    }

    private List<Map<String, Sample>> measure(Scenario scenario) {
        List<Contender> contenders = new ArrayList<>(List.of(scenario.product()));
        if (!alone) {
            contenders.addAll(scenario.peers());
        }
        scenario.warmUp().run();
        warmUp(scenario);
        List<Map<String, Sample>> measured = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Map<String, Sample> samples = new LinkedHashMap<>();
            for (Contender contender : contenders) {
                contender.before();
                Sample sample = contender.run();
                samples.put(contender.name(), sample);
                System.err.printf(Locale.ROOT, "%s, round %d%s, %s: %.2f s wall, CPU %.2f (compiler %.2f) + %.2f s%n", scenario.key(), round,
                        round == 0 ? " (does not count)" : "", contender.name(), sample.wall(), sample.client(), sample.compiler(),
                        sample.server());
            }
            if (round > 0) {
                measured.add(samples);
            }
        }
        return measured;
    }

    /**
     * A server that has just started compiles its code, most of which has nothing to do with backups: until that is a small
     * part of what a run uses, it says more about the start than about the scenario.
     */
    private void warmUp(Scenario scenario) {
        double seconds = 0;
        for (int run = 1; run <= WARM_UP_RUNS && seconds < WARM_UP_SECONDS; run++) {
            scenario.product().before();
            Sample sample = scenario.product().run();
            System.err.printf(Locale.ROOT, "%s, warming up: %.2f s wall, CPU %.2f (compiler %.2f) + %.2f s%n", scenario.key(),
                    sample.wall(), sample.client(), sample.compiler(), sample.server());
            if (sample.compiler() < COMPILER * sample.client()) {
                return;
            }
            seconds += sample.wall();
        }
    }

    private String machine(Scenario.Section section) throws IOException {
        String cpu = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                .findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown processor");
        return String.format(Locale.ROOT,
                "%s. %d processors (%s%s), Java %s, %s, %s. Databases %.1f times their usual size.%n",
                LocalDate.now(ZoneOffset.UTC), Runtime.getRuntime().availableProcessors(), cpu,
                Files.readString(Path.of("/proc/cpuinfo")).contains("sha_ni") ? ", SHA extensions" : ", no SHA extensions",
                System.getProperty("java.version"),
                section.programs().stream().map(program -> output(program, "--version")).collect(Collectors.joining(", ")),
                output("zstd", "--version"), scale);
    }

    private static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().replace("*** ", "")
                    .replaceFirst(", by .*", "").replaceFirst(", built against .*| for debian-.*", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows of scenarios that were not measured now stay when they are of the same day, machine and size. */
    private static void write(Path file, Scenario.Section section, String machine, Report report) {
        try {
            String document = Files.readString(file);
            int begin = document.indexOf(section.begin()) + section.begin().length();
            int end = document.indexOf(section.end());
            if (end < begin) {
                throw new IllegalStateException(file + " lacks the markers " + section.begin() + " and " + section.end());
            }
            String old = document.substring(begin, end).strip();
            if (old.startsWith(machine.strip())) {
                report.keep(old);
            }
            Files.writeString(
                    file, document.substring(0, begin) + "\n" + machine + "\n" + report.markdown() + document.substring(end));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
