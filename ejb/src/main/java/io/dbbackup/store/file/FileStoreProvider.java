package io.dbbackup.store.file;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Stores of type {@code file}. Settings: {@code path}, an absolute directory, whose last segment is made when missing;
 * {@code requireMount} ({@code true} or {@code false}, the default): refuse to work while the path is on the disk of
 * {@code /}, which is what a missing mount looks like.
 */
@ApplicationScoped
public class FileStoreProvider implements StoreProvider {
    private static final String PATH = "path";
    private static final String REQUIRE_MOUNT = "requireMount";

    @Override
    public String type() {
        return "file";
    }

    @Override
    public void validate(Map<String, String> settings) {
        Set<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(Set.of(PATH, REQUIRE_MOUNT));
        if (!unknown.isEmpty()) {
            throw invalid("does not know the setting \"" + unknown.iterator().next() + "\"",
                    "The settings of a store of type file are path and requireMount.");
        }
        path(settings);
        requireMount(settings);
    }

    @Override
    public BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets) {
        validate(settings);
        return new FileStore(path(settings), requireMount(settings), Clock.systemUTC());
    }

    private static Path path(Map<String, String> settings) {
        String text = settings.getOrDefault(PATH, "");
        try {
            Path path = Path.of(text).normalize();
            if (path.isAbsolute() && path.getParent() != null) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw invalid("has the path \"" + text + "\"", "Set path to an absolute directory other than /.");
    }

    private static boolean requireMount(Map<String, String> settings) {
        String text = settings.getOrDefault(REQUIRE_MOUNT, "false");
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("has requireMount \"" + text + "\"", "Set requireMount to true or false.");
        };
    }

    private static BackupException invalid(String what, String remedy) {
        return new BackupException(ErrorCode.INVALID_CONFIGURATION, "a store of type file " + what, remedy);
    }
}
