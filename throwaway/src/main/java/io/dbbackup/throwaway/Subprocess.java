package io.dbbackup.throwaway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * One run of an external tool with a cleared environment, an argument array and no shell.
 *
 * @param command the program and its arguments; must not hold secrets, since every user of the machine can read them
 * @param environment what is added to the minimal environment (PATH and the C locale)
 */
record Subprocess(List<String> command, Map<String, String> environment) {

    private static final int KEPT_ERROR_BYTES = 64 * 1024;

    /**
     * What a finished process left.
     *
     * @param exitCode 0 is success
     * @param standardError at most the last 64 KiB
     */
    record Outcome(int exitCode, String standardError) {}

    Subprocess {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    static Subprocess of(List<String> command) {
        return new Subprocess(command, Map.of());
    }

    ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(environment);
        return builder;
    }

    /**
     * Runs to the end, copying standard output to {@code output} as it comes. The calling thread blocks; when it is
     * interrupted the process is killed.
     */
    Outcome run(byte[] input, OutputStream output) {
        Process process = startProcess();
        CompletableFuture<Void> feeding = CompletableFuture.runAsync(() -> feed(process, input), Subprocess::inOwnThread);
        CompletableFuture<String> errors = CompletableFuture.supplyAsync(
                () -> tail(process.getErrorStream()), Subprocess::inOwnThread);
        try (InputStream from = process.getInputStream()) {
            from.transferTo(output);
            int exitCode = process.waitFor();
            feeding.get();
            return new Outcome(exitCode, errors.get());
        } catch (IOException e) {
            throw new ThrowawayException("cannot read the output of " + command.get(0), e);
        } catch (ExecutionException e) {
            throw new ThrowawayException("cannot talk to " + command.get(0), e.getCause());
        } catch (InterruptedException e) {
            throw ThrowawayException.interrupted("running " + command.get(0), e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs to the end and returns standard output as UTF-8; any exit code but 0 is an exception with standard error. */
    String output() {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        requireSuccess(run(new byte[0], output));
        return output.toString(StandardCharsets.UTF_8);
    }

    void requireSuccess(Outcome outcome) {
        if (outcome.exitCode() != 0) {
            throw new ThrowawayException(String.join(" ", command) + " ended with exit code " + outcome.exitCode() + ": "
                    + outcome.standardError().strip());
        }
    }

    private Process startProcess() {
        try {
            return builder().start();
        } catch (IOException e) {
            throw new ThrowawayException("cannot start " + command.get(0) + ": is it installed and executable?", e);
        }
    }

    /** Not in a shared pool: these tasks block as long as the process runs. */
    private static void inOwnThread(Runnable task) {
        Thread thread = new Thread(task, "subprocess streams");
        thread.setDaemon(true);
        thread.start();
    }

    private static void feed(Process process, byte[] input) {
        try (OutputStream to = process.getOutputStream()) {
            to.write(input);
        } catch (IOException e) {
            // The process ended before it read everything: its exit code and standard error tell why.
        }
    }

    private static String tail(InputStream from) {
        byte[] kept = new byte[0];
        byte[] buffer = new byte[8192];
        try (from) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                byte[] all = Arrays.copyOf(kept, kept.length + n);
                System.arraycopy(buffer, 0, all, kept.length, n);
                kept = Arrays.copyOfRange(all, Math.max(0, all.length - KEPT_ERROR_BYTES), all.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String(kept, StandardCharsets.UTF_8);
    }
}
