package io.dbbackup.e2e;

import java.util.List;
import java.util.stream.Stream;

/** The programs that the server has started. */
final class ChildProcesses {

    private final ProcessHandle server;

    ChildProcesses(RunningServer server) {
        this.server = server.process();
    }

    /** The dumps that are under way; a pg_dump that only tells its version is none. */
    List<ProcessHandle> dumps() {
        return server.descendants().filter(ProcessHandle::isAlive)
                .filter(child -> child.info().command().filter(path -> path.endsWith("/pg_dump")).isPresent())
                .filter(child -> Stream.of(child.info().arguments().orElse(new String[0]))
                        .anyMatch(argument -> argument.startsWith("--snapshot=")))
                .toList();
    }

    /** Command lines of everything that lives. */
    List<String> alive() {
        return server.descendants().filter(ProcessHandle::isAlive)
                .map(child -> child.pid() + " " + child.info().commandLine().orElse("?")).toList();
    }
}
