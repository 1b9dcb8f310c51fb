package io.dbbackup.store.file;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreCapabilities;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Blobs as files with mode 0600 in directories with mode 0700. An upload is a temporary file beside its blob, whose name
 * no blob can have; it is synced and then given its name by a hard link, which is atomic and never replaces a file.
 */
public final class FileStore implements BlobStore {
    private static final int CREATE_ATTEMPTS = 100;

    private final Path root;
    private final Clock clock;
    private final RootCheck check;
    private final Directories directories;
    private final FileFailures failures;
    private final Set<Path> uploads = ConcurrentHashMap.newKeySet();
    private volatile Publication publication;

    FileStore(Path root, boolean requireMount, Clock clock) {
        this.root = root;
        this.clock = clock;
        this.directories = new Directories(root);
        this.failures = new FileFailures(root);
        this.check = new RootCheck(root, requireMount, directories, failures);
    }

    /** For tests of a file system that has no hard links. */
    FileStore(Path root, boolean requireMount, Clock clock, Publication publication) {
        this(root, requireMount, clock);
        this.publication = publication;
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        Path target = BlobNames.resolve(root, name);
        check.usable();
        return upload(name, target);
    }

    private FileBlobWriter upload(String name, Path target) {
        Path temporary = target.resolveSibling(BlobNames.temporary());
        uploads.add(temporary);
        try {
            return new FileBlobWriter(this, name, target, temporary, openTemporary(temporary));
        } catch (FileAlreadyExistsException e) {
            uploads.remove(temporary);
            throw FileBlobWriter.exists(this, e.getMessage(), e);
        } catch (IOException e) {
            uploads.remove(temporary);
            throw failures.explain("writing " + name, e);
        }
    }

    private FileChannel openTemporary(Path temporary) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                directories.make(temporary.getParent());
                return FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        Directories.ownerOnly(root, "rw-------"));
            } catch (NoSuchFileException e) {
                // a deletion removed the directory because it was empty, between our two steps
                if (attempt == CREATE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public InputStream open(String name, long offset) {
        Path file = BlobNames.resolve(root, name);
        try {
            if (FileTree.attributes(file).filter(BasicFileAttributes::isRegularFile).isEmpty()) {
                throw new NoSuchFileException(name);
            }
            return read(file, offset);
        } catch (NoSuchFileException e) {
            check.present();
            throw new BackupException(
                    ErrorCode.BLOB_MISSING,
                    "there is no blob " + name + " in the store " + root,
                    "Use another backup set, or bring the file back from a copy of the store.",
                    e);
        } catch (IOException e) {
            throw failures.explain("reading " + name, e);
        }
    }

    private static InputStream read(Path file, long offset) throws IOException {
        FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        try {
            return Channels.newInputStream(channel.position(offset));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        Path file = BlobNames.resolve(root, name);
        try {
            Optional<BlobInfo> found = FileTree.attributes(file)
                    .filter(BasicFileAttributes::isRegularFile)
                    .map(attributes -> FileTree.info(root, file, attributes));
            if (found.isEmpty()) {
                check.present();
            }
            return found;
        } catch (IOException e) {
            throw failures.explain("looking at " + name, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        Path directory = BlobNames.resolvePrefix(root, prefix);
        check.present();
        try {
            FileTree.walk(directory, (file, attributes) -> {
                if (FileTree.isBlob(root, file)) {
                    each.accept(FileTree.info(root, file, attributes));
                }
                return true;
            });
        } catch (IOException e) {
            throw failures.explain("listing " + prefix, e);
        }
    }

    @Override
    public List<String> children(String prefix) {
        Path directory = BlobNames.resolvePrefix(root, prefix);
        check.present();
        List<String> children = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String segment = entry.getFileName().toString();
                boolean visible = BlobNames.isSegment(segment)
                        && (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                                ? FileTree.holdsBlob(root, entry)
                                : Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS));
                if (visible) {
                    children.add(segment);
                }
            }
        } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
            return List.of();
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw failures.explain("listing " + prefix, e.getCause());
        } catch (IOException e) {
            throw failures.explain("listing " + prefix, e);
        }
        children.sort(null);
        return children;
    }

    @Override
    public void delete(String name) {
        Path file = BlobNames.resolve(root, name);
        check.present();
        try {
            boolean isFile = FileTree.attributes(file)
                    .filter(attributes -> !attributes.isDirectory())
                    .isPresent();
            if (isFile && Files.deleteIfExists(file)) {
                // durable before the next deletion: a manifest must not come back when its blobs are gone
                Directories.sync(file.getParent());
                directories.removeEmpty(file.getParent());
            }
        } catch (NoSuchFileException e) {
            // another deletion was faster
        } catch (IOException e) {
            throw failures.explain("deleting " + name, e);
        }
    }

    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        Path directory = BlobNames.resolvePrefix(root, prefix);
        check.present();
        Instant limit = clock.instant().minus(olderThan);
        long[] freed = {0};
        try {
            FileTree.walk(directory, (file, attributes) -> {
                boolean leftover = BlobNames.isTemporary(file.getFileName().toString())
                        && !uploads.contains(file)
                        && !attributes.lastModifiedTime().toInstant().isAfter(limit);
                if (leftover && deletedQuietly(file)) {
                    freed[0] += attributes.size();
                    directories.removeEmpty(file.getParent());
                }
                return true;
            });
        } catch (IOException e) {
            throw failures.explain("sweeping " + prefix, e);
        }
        return freed[0];
    }

    private static boolean deletedQuietly(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public OptionalLong freeBytes() {
        return failures.freeBytes();
    }

    @Override
    public void probe() {
        check.trustworthy();
        // a temporary name, so that what a crash leaves of it is swept like every other leftover
        Path target = root.resolve(BlobNames.temporary());
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 'x');
        try {
            try (BlobWriter writer = upload("a probe", target)) {
                writer.write(expected, 0, expected.length);
                writer.commit();
            }
            if (!Arrays.equals(Files.readAllBytes(target), expected)) {
                throw new IOException("the store gave back other bytes than were written");
            }
            Files.delete(target);
        } catch (IOException e) {
            throw failures.explain("trying to write", e);
        } finally {
            deletedQuietly(target);
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        boolean atomic = true;
        try {
            atomic = publication().atomicCreateOnly();
        } catch (IOException e) {
            // nothing can be written at all, so nothing can be replaced either
        }
        return StoreCapabilities.simple(atomic, true, false);
    }

    @Override
    public void close() {
        // every call opened and closed what it used
    }

    Path root() {
        return root;
    }

    Directories directories() {
        return directories;
    }

    FileFailures failures() {
        return failures;
    }

    Publication publication() throws IOException {
        if (publication == null) {
            publication = Publication.supportedIn(root);
        }
        return publication;
    }

    void ended(Path temporary) {
        uploads.remove(temporary);
    }
}
