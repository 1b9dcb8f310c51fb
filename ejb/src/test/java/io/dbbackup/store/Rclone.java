package io.dbbackup.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A client that is not ours, in Go, with one remote called {@code peer}. */
public final class Rclone {
    private final Path temp;
    private final Map<String, String> environment = new HashMap<>();

    /** @param remote settings of the remote, as in {@code TYPE} and {@code s3} */
    public Rclone(Path temp, Map<String, String> remote) {
        this.temp = temp;
        environment.put("HOME", temp.toString());
        environment.put("RCLONE_CONFIG", temp.resolve("rclone.conf").toString());
        remote.forEach((key, value) -> environment.put("RCLONE_CONFIG_PEER_" + key, value));
    }

    /** @return its standard output, after it ended well */
    public byte[] run(byte[] input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("rclone"));
        command.addAll(List.of(arguments));
        Path errors = temp.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(key -> !key.equals("PATH"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input);
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return output;
    }
}
