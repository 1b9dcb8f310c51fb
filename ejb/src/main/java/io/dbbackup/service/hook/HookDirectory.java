package io.dbbackup.service.hook;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Hooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Optional;

/**
 * The scripts that may run on this server: those in the directory that the environment variable
 * {@code DBBACKUP_HOOK_DIRECTORY} or the system property {@code dbbackup.hook.directory} names. Who may start runs names
 * scripts; only who may write to that directory decides what they do. Hence nobody else may be able to change it: directory,
 * its parents and scripts belong to root or the server's user, and no other user may write to them.
 */
final class HookDirectory {
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 022;

    private HookDirectory() {}

    static Optional<Path> configured() {
        return Optional.ofNullable(System.getProperty("dbbackup.hook.directory"))
                .or(() -> Optional.ofNullable(System.getenv("DBBACKUP_HOOK_DIRECTORY")))
                .filter(text -> !text.isBlank())
                .map(text -> Path.of(text).toAbsolutePath().normalize());
    }

    /**
     * The script of that name, looked at now.
     *
     * @throws BackupException HOOK_REFUSED when there are no hooks on this server, none of that name, or it is not safe
     */
    static Path find(String name) {
        Path directory = configured().orElseThrow(() -> new BackupException(
                ErrorCode.HOOK_REFUSED,
                "the hook \"" + name + "\" is named, but this server has no directory of hooks",
                "Start the server with DBBACKUP_HOOK_DIRECTORY, or leave the hook out."));
        if (!Hooks.isName(name)) {
            throw refused(name, "is no name of a file", Hooks.ALLOWED);
        }
        Path script = directory.resolve(name);
        try {
            for (Path up = directory; up != null; up = up.getParent()) {
                checkDirectory(name, up, up.equals(directory));
            }
            checkScript(name, script);
            return script;
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.HOOK_REFUSED,
                    "the hook " + script + " cannot be looked at: " + e,
                    "Put the script into the directory of hooks of this server, executable for the server's user.",
                    e);
        }
    }

    private static void checkDirectory(String name, Path directory, boolean itself) throws IOException {
        Map<String, Object> facts = Files.readAttributes(
                directory, "unix:mode,owner,isDirectory", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) facts.get("mode");
        boolean othersMayChange = (mode & WRITABLE_BY_OTHERS) != 0 && (itself || (mode & STICKY) == 0);
        if (!(boolean) facts.get("isDirectory") || !trusted(facts.get("owner").toString()) || othersMayChange) {
            throw refused(
                    name,
                    "is not safe: " + directory + " is a link, belongs to another user, or can be changed by other users",
                    "Let it be a directory of root or of the server's user that no other user may write to.");
        }
    }

    private static void checkScript(String name, Path script) throws IOException {
        PosixFileAttributes facts =
                Files.readAttributes(script, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean othersMayWrite = facts.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || facts.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        if (!facts.isRegularFile() || !trusted(facts.owner().getName()) || othersMayWrite) {
            throw refused(
                    name,
                    "is not safe: " + script + " is no regular file, belongs to another user, or other users may write to it",
                    "Let it be a file of root or of the server's user with mode 0700 or 0755.");
        }
        // access(2) says yes to root when any of the three bits is set, as execve does
        if (!Files.isExecutable(script)) {
            throw refused(name, "cannot be executed", "Run chmod u+x " + script + ".");
        }
    }

    private static boolean trusted(String owner) {
        return owner.equals("root") || owner.equals(System.getProperty("user.name"));
    }

    private static BackupException refused(String name, String why, String remedy) {
        return new BackupException(ErrorCode.HOOK_REFUSED, "the hook \"" + name + "\" " + why, remedy);
    }
}
