package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operating system user that server processes run as. PostgreSQL refuses to run as root, so a JVM of root hands them to
 * an unprivileged user; any other JVM runs them as itself.
 *
 * @param name empty when processes run as the user of the JVM
 */
record ServerUser(Optional<String> name) {

    private static final ServerUser SELF = new ServerUser(Optional.empty());

    static ServerUser forThisJvm() {
        if (!runsAsRoot()) {
            return SELF;
        }
        for (String candidate : List.of("postgres", "nobody")) {
            if (Subprocess.of(List.of("id", "-u", candidate)).run(new byte[0], OutputStream.nullOutputStream()).exitCode() == 0) {
                return new ServerUser(Optional.of(candidate));
            }
        }
        throw new ThrowawayException("this JVM runs as root and there is neither a user postgres nor a user nobody to run "
                + "a database server as. Create one: useradd --system postgres");
    }

    /** The command as the server user runs it. */
    List<String> command(List<String> command) {
        if (name.isEmpty()) {
            return command;
        }
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=" + id("-u"), "--regid=" + id("-g"), "--clear-groups"));
        all.addAll(command);
        return all;
    }

    /** Gives a file or directory to the server user. */
    void own(Path path) throws IOException {
        if (name.isPresent()) {
            Files.setAttribute(path, "unix:uid", Integer.parseInt(id("-u")));
            Files.setAttribute(path, "unix:gid", Integer.parseInt(id("-g")));
        }
    }

    /** Whether a directory belongs to the server user or to the user of this JVM. */
    boolean owns(Path path) throws IOException {
        String owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
        return owner.equals(System.getProperty("user.name")) || name.filter(owner::equals).isPresent();
    }

    /** @throws ThrowawayException when the server user cannot reach the directory, with the remedy */
    void requireAccess(Path directory) {
        if (name.isPresent()) {
            List<String> test = command(List.of("test", "-x", directory.toString()));
            if (Subprocess.of(test).run(new byte[0], OutputStream.nullOutputStream()).exitCode() != 0) {
                throw new ThrowawayException("the directory " + directory + " cannot be entered by the user " + name.get()
                        + ", who runs the database server. Choose a parent directory whose whole path is open to it "
                        + "(chmod o+x), such as /tmp.");
            }
        }
    }

    private String id(String which) {
        return Subprocess.of(List.of("id", which, name.orElseThrow())).output().strip();
    }

    private static boolean runsAsRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }
}
