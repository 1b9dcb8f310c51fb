package io.dbbackup.e2e;

import java.util.List;

/** The programs that the server has started. */
final class ChildProcesses {

    private final ProcessHandle server;

    ChildProcesses(RunningServer server) {
        this.server = server.process();
    }

    /** Those that live, by the name of their program: {@code pg_dump}. */
    List<ProcessHandle> of(String program) {
        return server.descendants().filter(ProcessHandle::isAlive)
                .filter(child -> child.info().command().filter(path -> path.endsWith("/" + program)).isPresent()).toList();
    }

    /** Command lines of everything that lives. */
    List<String> alive() {
        return server.descendants().filter(ProcessHandle::isAlive)
                .map(child -> child.pid() + " " + child.info().commandLine().orElse("?")).toList();
    }
}
