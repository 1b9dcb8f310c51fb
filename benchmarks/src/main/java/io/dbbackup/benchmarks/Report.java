package io.dbbackup.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The table: medians of each contender, and the median of the ratios of its rounds. */
final class Report {
    private static final double MEGABYTE = 1 << 20;

    private static final List<String> HEADING = List.of(
            "| scenario | contender | n | wall s | CPU s (client + server) | memory MB | output MB | wall, ours ÷ peer | CPU, ours ÷ peer |",
            "|---|---|---|---|---|---|---|---|---|");

    /** By the title of the scenario. */
    private final Map<String, List<String>> rows = new LinkedHashMap<>();

    /** @param rounds in the order in which they ran: the sample of each contender */
    void add(Scenario scenario, List<Map<String, Sample>> rounds) {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put(scenario.product().name(), scenario.product());
        scenario.peers().forEach(peer -> contenders.put(peer.name(), peer));
        String ours = scenario.product().name();
        List<String> lines = rows.computeIfAbsent(scenario.title(), title -> new ArrayList<>());
        for (String name : contenders.keySet()) {
            List<Sample> samples = rounds.stream().map(round -> round.get(name)).toList();
            boolean product = name.equals(ours);
            lines.add(String.format(Locale.ROOT, "| %s | %s | %d | %.2f | %.2f (%.2f + %.2f) | %.0f | %s | %s | %s |",
                    product ? scenario.title() : "", product ? "**" + name + "**" : "`" + name.replace("|", "\\|") + "`",
                    samples.size(),
                    median(samples, Sample::wall), median(samples, Sample::cpu), median(samples, Sample::client),
                    median(samples, Sample::server), median(samples, Sample::residentBytes) / MEGABYTE,
                    median(samples, Sample::outputBytes) == 0 ? ""
                            : String.format(Locale.ROOT, "%.1f", median(samples, Sample::outputBytes) / MEGABYTE),
                    product ? "" : ratio(rounds, ours, name, Sample::wall),
                    product ? "" : ratio(rounds, ours, name, Sample::cpu)));
        }
    }

    /** Takes the rows of other scenarios over from an earlier table. */
    void keep(String table) {
        Map<String, List<String>> earlier = new LinkedHashMap<>();
        String title = "";
        for (String line : table.lines().filter(line -> line.startsWith("| ") && !HEADING.contains(line)).toList()) {
            String first = line.substring(2, line.indexOf('|', 2)).strip();
            title = first.isEmpty() ? title : first;
            earlier.computeIfAbsent(title, name -> new ArrayList<>()).add(line);
        }
        earlier.forEach(rows::putIfAbsent);
    }

    String markdown() {
        List<String> lines = new ArrayList<>(HEADING);
        rows.values().forEach(lines::addAll);
        return String.join("\n", lines) + "\n";
    }

    private static String ratio(
            List<Map<String, Sample>> rounds, String ours, String peer, ToDoubleFunction<Sample> figure) {
        double[] ratios = rounds.stream()
                .mapToDouble(round -> figure.applyAsDouble(round.get(ours)) / figure.applyAsDouble(round.get(peer)))
                .sorted().toArray();
        return String.format(Locale.ROOT, "**%.2f** (%.2f to %.2f)", median(ratios), ratios[0], ratios[ratios.length - 1]);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        double[] values = samples.stream().mapToDouble(figure).toArray();
        Arrays.sort(values);
        return median(values);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
