package io.dbbackup.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a tree of processes used, from {@code /proc} (proc(5)). The time of a process that has ended and was waited for
 * is its parent's {@code cutime} and {@code cstime}, so the sum over the living never loses anything.
 */
final class Cpu {
    private static final double TICKS_PER_SECOND = 100;
    private static final Pattern COMPILER = Pattern.compile("\\(C[12] Compiler");

    private Cpu() {}

    /**
     * User and system time in seconds of a process and all its descendants, dead or alive. Read again when a child ended
     * meanwhile: its time would be in neither its own entry nor its parent's, or in both.
     */
    static double seconds(long root) {
        while (true) {
            long endedBefore = ofEndedChildren(root);
            double seconds = secondsOnce(root);
            if (ofEndedChildren(root) == endedBefore) {
                return seconds;
            }
        }
    }

    private static long ofEndedChildren(long pid) {
        return stat(pid).map(fields -> Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14))).orElse(0L);
    }

    private static double secondsOnce(long root) {
        return family(root).mapToDouble(pid -> stat(pid).map(Cpu::ticks).orElse(0L) / TICKS_PER_SECOND).sum();
    }

    /** User and system time in seconds of the children of this JVM that have ended, and of theirs. */
    static double secondsOfChildren() {
        List<String> fields = stat(ProcessHandle.current().pid()).orElseThrow();
        return (Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14))) / TICKS_PER_SECOND;
    }

    /** User and system time in seconds of the threads of a process and its living descendants that compile Java code. */
    static double secondsOfCompilers(long root) {
        return family(root).mapToDouble(pid -> {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                return threads.map(Cpu::line).flatMap(Optional::stream).filter(line -> COMPILER.matcher(line).find())
                        .mapToLong(line -> ticks(fields(line))).sum() / TICKS_PER_SECOND;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).sum();
    }

    /** Resident memory in bytes of a process and its living descendants. */
    static long residentBytes(long root) {
        return family(root).mapToLong(pid -> stat(pid).map(fields -> Long.parseLong(fields.get(21)) * 4096).orElse(0L)).sum();
    }

    private static Stream<Long> family(long root) {
        return Stream.concat(Stream.of(root), ProcessHandle.of(root).map(ProcessHandle::descendants).orElse(Stream.empty())
                .map(ProcessHandle::pid));
    }

    private static long ticks(List<String> fields) {
        return Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))
                + Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14));
    }

    /** The fields behind the name of the program, which may hold anything; empty when the process is gone. */
    private static Optional<List<String>> stat(long pid) {
        return line(Path.of("/proc/" + pid)).map(Cpu::fields);
    }

    private static List<String> fields(String line) {
        return List.of(line.substring(line.lastIndexOf(')') + 2).strip().split(" "));
    }

    private static Optional<String> line(Path entry) {
        try {
            return Optional.of(Files.readString(entry.resolve("stat")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // a process that ends while its file is read answers ESRCH
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return Optional.empty();
            }
            throw new UncheckedIOException(e);
        }
    }
}
