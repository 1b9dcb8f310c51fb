package io.dbbackup.service.access;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;

/** Reads secrets from where their references point, each time they are needed. Thread-safe; keeps nothing. */
@ApplicationScoped
public class Secrets {
    private static final Logger LOG = Logger.getLogger(Secrets.class.getName());
    private static final int MOST_WARNINGS = 1000;
    private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

    private CredentialVault vault;

    protected Secrets() {}

    @Inject
    public Secrets(CredentialVault vault) {
        this.vault = vault;
    }

    /** @throws BackupException SECRET_UNAVAILABLE naming the reference, never the secret */
    public String read(SecretRef reference) {
        return switch (reference.kind()) {
            case ENV -> environment(reference);
            case FILE -> file(reference);
            case CREDENTIAL -> vault.read(reference.value());
        };
    }

    private static String environment(SecretRef reference) {
        String value = System.getenv(reference.value());
        if (value == null) {
            throw unavailable(reference, "the server's environment has no such variable", null);
        }
        return value;
    }

    private static String file(SecretRef reference) {
        try {
            warnOfReaders(Path.of(reference.value()));
            return Files.readString(Path.of(reference.value())).stripTrailing();
        } catch (IOException e) {
            throw unavailable(reference, "the file cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    /** Once per file: a secret that others can read is none, but to refuse it would stop backups that run today. */
    private static void warnOfReaders(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)
                && WARNED.size() < MOST_WARNINGS && WARNED.add(file)) {
            LOG.warning(() -> "every user of this machine can read the secret in " + file + "; take that right away: chmod 600 "
                    + file);
        }
    }

    static BackupException unavailable(SecretRef reference, String why, Throwable origin) {
        return new BackupException(
                ErrorCode.SECRET_UNAVAILABLE,
                "secret " + reference + ": " + why,
                "Provide it to the user that runs the server, or point the configuration to where it is.",
                origin);
    }
}
