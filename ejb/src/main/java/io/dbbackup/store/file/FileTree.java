package io.dbbackup.store.file;

import io.dbbackup.spi.BlobInfo;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Walks the files of a store. What vanishes meanwhile is not there; symbolic links are neither followed nor blobs; only
 * one path from the root down is held in memory.
 */
final class FileTree {
    private FileTree() {}

    /**
     * Calls {@code each} for every regular file below the directory.
     *
     * @param each returns false to end the walk
     * @return false when it was ended
     */
    static boolean walk(Path directory, BiPredicate<Path, BasicFileAttributes> each) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Optional<BasicFileAttributes> attributes = attributes(entry);
                if (attributes.isEmpty()) {
                    continue;
                }
                boolean more = attributes.get().isDirectory()
                        ? walk(entry, each)
                        : !attributes.get().isRegularFile() || each.test(entry, attributes.get());
                if (!more) {
                    return false;
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // nothing there, or no longer
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return true;
    }

    static Optional<BasicFileAttributes> attributes(Path file) throws IOException {
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (java.nio.file.FileSystemException e) {
            if (Files.isRegularFile(file.getParent())) {
                return Optional.empty(); // below a blob there is nothing
            }
            throw e;
        }
    }

    static boolean isBlob(Path root, Path file) {
        for (Path segment : root.relativize(file)) {
            if (!BlobNames.isSegment(segment.toString())) {
                return false;
            }
        }
        return true;
    }

    static boolean holdsBlob(Path root, Path directory) throws IOException {
        return !walk(directory, (file, attributes) -> !isBlob(root, file));
    }

    static BlobInfo info(Path root, Path file, BasicFileAttributes attributes) {
        return new BlobInfo(
                BlobNames.nameOf(root, file),
                attributes.size(),
                attributes.lastModifiedTime().toInstant());
    }
}
