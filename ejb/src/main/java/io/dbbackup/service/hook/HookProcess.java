package io.dbbackup.service.hook;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One script: no shell around it, nothing on its standard input, no environment but what is given, an end after its time
 * together with the processes that it has started.
 */
final class HookProcess {
    private static final int KEPT = 16 * 1024;
    private static final long GRACE_MILLIS = 2000;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Process process;
    private final byte[] tail = new byte[KEPT];
    private long said;

    /** How a script ended. Its output is the end of what it wrote, at most 16 KiB. */
    record Ended(int status, boolean timedOut, String output) {}

    private HookProcess(Process process) {
        this.process = process;
    }

    /**
     * Runs a script to its end.
     *
     * @param cancellation kills it too
     * @throws BackupException HOOK_FAILED when it cannot be started; CANCELLED
     */
    static Ended run(
            Path script, List<String> arguments, Map<String, String> environment, Duration timeout,
            Cancellation cancellation) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"));
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        try {
            return new HookProcess(builder.start()).await(script, timeout, cancellation);
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.HOOK_FAILED,
                    "the hook " + script + " could not be started: " + e.getMessage(),
                    "Check its first line (#!) and that the server's user may execute it.",
                    e);
        }
    }

    private Ended await(Path script, Duration timeout, Cancellation cancellation) {
        Thread reader = new Thread(this::read, "dbbackup hook output");
        reader.setDaemon(true);
        reader.start();
        try (Cancellation.Registration stop = cancellation.onCancel(this::kill)) {
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill().forEach(HookProcess::awaitEnd);
                process.waitFor();
            }
            // something that it left running may keep its output open
            reader.join(GRACE_MILLIS);
            cancellation.check();
            return new Ended(process.exitValue(), !ended, output());
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
            throw new BackupException(
                    ErrorCode.CANCELLED, "waiting for the hook " + script + " was interrupted", "Restart the run.", e);
        }
    }

    private List<ProcessHandle> kill() {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroyForcibly);
        return family;
    }

    /** A killed process is not gone at once, but soon. */
    private static void awaitEnd(ProcessHandle killed) {
        killed.onExit().completeOnTimeout(killed, GRACE_MILLIS, TimeUnit.MILLISECONDS).join();
    }

    private void read() {
        byte[] buffer = new byte[4096];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                keep(buffer, n);
            }
        } catch (IOException e) {
            // killed: what was read so far is what there is
            return;
        }
    }

    private synchronized void keep(byte[] buffer, int length) {
        for (int i = 0; i < length; i++) {
            tail[(int) (said++ % KEPT)] = buffer[i];
        }
    }

    private synchronized String output() {
        int length = (int) Math.min(said, KEPT);
        byte[] ordered = new byte[length];
        for (int i = 0; i < length; i++) {
            ordered[i] = tail[(int) ((said - length + i) % KEPT)];
        }
        String text = new String(ordered, StandardCharsets.UTF_8).strip();
        return said > KEPT ? "(" + (said - KEPT) + " bytes before)… " + text : text;
    }
}
