package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Properties;

/**
 * Which JVM a throwaway directory belongs to. A process id alone is not enough, because ids are reused: the start time is
 * part of the identity, and so are the boot and the pid namespace, without which an id of a container or of an earlier boot
 * would be looked up among processes it never belonged to.
 *
 * @param pid the JVM's process id
 * @param started start time of that process in whatever unit the platform gives; only compared for equality
 * @param boot identity of the running kernel, empty when unknown
 * @param namespace pid namespace, empty when unknown
 * @param tools directory of the server's programs, needed to stop a server that was left behind
 */
record OwnerRecord(long pid, String started, String boot, String namespace, String tools) {

    private static final String FILE = "owner.properties";

    static OwnerRecord ofThisJvm(Path tools) {
        long pid = ProcessHandle.current().pid();
        return new OwnerRecord(pid, startOf(pid), bootId(), pidNamespace(), tools.toString());
    }

    void writeTo(Path directory) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("pid", Long.toString(pid));
        properties.setProperty("started", started);
        properties.setProperty("boot", boot);
        properties.setProperty("namespace", namespace);
        properties.setProperty("tools", tools);
        Path temporary = Files.createFile(directory.resolve(FILE + ".tmp"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Writer writer = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
            properties.store(writer, "The JVM that owns this throwaway database server");
        }
        Files.move(temporary, directory.resolve(FILE));
    }

    static Optional<OwnerRecord> readFrom(Path directory) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(directory.resolve(FILE), StandardCharsets.UTF_8)) {
            properties.load(reader);
            return Optional.of(new OwnerRecord(Long.parseLong(properties.getProperty("pid", "")),
                    properties.getProperty("started", ""), properties.getProperty("boot", ""),
                    properties.getProperty("namespace", ""), properties.getProperty("tools", "")));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether the owner is certainly gone. In doubt (another pid namespace of the same boot) the answer is no. */
    boolean isGone() {
        if (!boot.equals(bootId())) {
            return true;
        }
        return namespace.equals(pidNamespace()) && !started.equals(startOf(pid));
    }

    /** Empty when there is no such process. */
    private static String startOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            // The second field is the program's name in brackets and may itself hold blanks and brackets.
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return afterName[0].equals("Z") ? "" : afterName[19];
        } catch (IOException e) {
            return ProcessHandle.of(pid).flatMap(p -> p.info().startInstant()).map(Object::toString).orElse("");
        }
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String pidNamespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
