package io.dbbackup.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is reachable in the heap of a running server, after a full collection.
 *
 * @param bytes of all objects
 * @param largest the classes that take most, for people
 */
record LiveHeap(long bytes, String largest) {

    private static final int LINES = 25;

    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    /**
     * Before Java 22 there is no collection while native code (of a compressor) holds an array, and garbage is counted as
     * well; the server's JVM says so on its console. Such a number is thrown away.
     */
    static LiveHeap of(RunningServer server) {
        AtomicReference<LiveHeap> found = new AtomicReference<>();
        Awaiting.until("a collection of the heap", () -> {
            long before = skipped(server);
            found.set(measure(server));
            return skipped(server) == before;
        });
        return found.get();
    }

    private static long skipped(RunningServer server) {
        try (Stream<String> lines = Files.lines(server.home().resolve("log/console.log"))) {
            return lines.filter(line -> line.contains("GC was skipped")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LiveHeap measure(RunningServer server) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        List<String> command = List.of(jcmd.toString(), Long.toString(server.process().pid()), "GC.class_histogram");
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String histogram = new String(process.getInputStream().readAllBytes(), UTF_8);
            Matcher total = TOTAL.matcher(histogram);
            if (process.waitFor() != 0 || !total.find()) {
                throw new AssertionError(String.join(" ", command) + ": " + RunningServer.tail(histogram));
            }
            return new LiveHeap(Long.parseLong(total.group(1)),
                    histogram.lines().limit(LINES).collect(Collectors.joining("\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
