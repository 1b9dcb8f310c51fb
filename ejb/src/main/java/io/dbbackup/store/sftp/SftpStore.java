package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.spi.StoreCapabilities;
import io.dbbackup.store.BlobNames;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Blobs as files with mode 0600 in directories with mode 0700. An upload is a temporary file beside its blob, whose name
 * no blob can have; it is synced and then given its name by a hard link, which is atomic and never replaces a file. Where
 * the server cannot link: by a rename after a look (see {@link #capabilities()}).
 *
 * <p>Every upload and every open stream has a connection of its own, every other call borrows one; up to 4 are kept for
 * the next. Memory: at most about 6 MiB per upload or stream.
 */
public final class SftpStore implements BlobStore {
    private static final int CREATE_ATTEMPTS = 100;

    private final SftpSettings settings;
    private final Clock clock;
    private final Connections connections;
    private final SftpFailures failures;
    private final String root;
    private final Set<String> uploads = ConcurrentHashMap.newKeySet();
    private volatile Publication publication;

    SftpStore(SftpSettings settings, Identity identity, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.root = settings.path();
        this.connections = new Connections(new Connector(settings, identity), settings.retries());
        this.failures = new SftpFailures(settings, connections);
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        return upload(BlobNames.checked(name), UUID.randomUUID().toString());
    }

    private SftpBlobWriter upload(String name, String id) {
        String temporary = temporary(name, id);
        uploads.add(temporary);
        try {
            return started(new SftpBlobWriter(this, name, id, 0), temporary);
        } catch (StatusException e) {
            uploads.remove(temporary);
            throw e.taken() ? failures.exists(name, e) : failures.explain("writing " + name, e);
        } catch (IOException e) {
            uploads.remove(temporary);
            throw failures.explain("writing " + name, e);
        } catch (RuntimeException e) {
            uploads.remove(temporary);
            throw e;
        }
    }

    private SftpBlobWriter started(SftpBlobWriter writer, String temporary) throws IOException {
        AtomicBoolean tried = new AtomicBoolean();
        writer.window().begin(files -> {
            if (tried.getAndSet(true)) {
                files.removeIfThere(temporary); // the connection was lost, perhaps only with the answer
            }
            return created(files, temporary);
        });
        return writer;
    }

    private byte[] created(RemoteFiles files, String temporary) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return files.create(temporary);
            } catch (StatusException e) {
                // no directory yet, or a deletion removed it because it was empty
                if (!e.missing() || attempt == CREATE_ATTEMPTS) {
                    throw e;
                }
                make(files, RemoteTree.parent(temporary));
            }
        }
    }

    private void make(RemoteFiles files, String directory) throws IOException {
        try {
            new RemoteTree(files, root).make(directory);
        } catch (StatusException e) {
            if (e.missing() && files.follow(root).isEmpty()) {
                throw failures.noRoot();
            }
            if (!e.missing()) {
                throw e;
            }
        }
    }

    @Override
    public Optional<ResumedUpload> resume(String name, String token) {
        String target = path(BlobNames.checked(name));
        if (!token.matches("[0-9a-f-]{36}")) {
            return Optional.empty();
        }
        String temporary = temporary(name, token);
        try {
            if (look(target).isPresent()) {
                throw failures.exists(name, null);
            }
            Optional<RemoteFile> found = look(temporary).filter(RemoteFile::isRegular);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            uploads.add(temporary);
            long stored = found.get().bytes();
            return Optional.of(new ResumedUpload(new SftpBlobWriter(this, name, token, stored), stored));
        } catch (IOException e) {
            throw failures.explain("looking for the upload of " + name, e);
        }
    }

    @Override
    public InputStream open(String name, long offset) {
        String path = path(BlobNames.checked(name));
        try {
            Optional<RemoteFile> found = look(path).filter(RemoteFile::isRegular);
            if (found.isEmpty()) {
                throw new BackupException(
                        ErrorCode.BLOB_MISSING,
                        "there is no blob " + name + " in the store " + settings.location(),
                        "Use another backup set, or bring the file back from a copy of the store.");
            }
            return new SftpBlobStream(connections, path, offset, found.get().bytes());
        } catch (IOException e) {
            throw failures.explain("reading " + name, e);
        }
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        try {
            return look(path(BlobNames.checked(name)))
                    .filter(RemoteFile::isRegular)
                    .map(file -> new BlobInfo(name, file.bytes(), file.modified()));
        } catch (IOException e) {
            throw failures.explain("looking at " + name, e);
        }
    }

    /** A missing root must not look like missing blobs. */
    private Optional<RemoteFile> look(String path) throws IOException {
        return connections.call(files -> {
            Optional<RemoteFile> found = files.look(path);
            if (found.isEmpty()) {
                requireRoot(files);
            }
            return found;
        });
    }

    private void requireRoot(RemoteFiles files) throws IOException {
        if (files.follow(root).filter(RemoteFile::isDirectory).isEmpty()) {
            throw failures.noRoot();
        }
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        String directory = directory(prefix);
        try {
            connections.call(files -> {
                requireRoot(files);
                return true;
            });
            connections.once(files -> new RemoteTree(files, root).walk(directory, (path, segment, file) -> {
                if (BlobNames.isName(segment)) {
                    each.accept(new BlobInfo(path.substring(root.length() + 1), file.bytes(), file.modified()));
                }
                return true;
            }));
        } catch (IOException e) {
            throw failures.explain("listing " + prefix, e);
        }
    }

    @Override
    public List<String> children(String prefix) {
        String directory = directory(prefix);
        try {
            return connections.call(files -> {
                requireRoot(files);
                RemoteTree tree = new RemoteTree(files, root);
                List<String> children = new ArrayList<>();
                tree.entries(directory, (path, segment, file) -> {
                    boolean visible = BlobNames.isName(segment)
                            && (file.isDirectory() ? tree.holdsBlob(path) : file.isRegular());
                    return !visible || children.add(segment);
                });
                children.sort(null);
                return children;
            });
        } catch (IOException e) {
            throw failures.explain("listing " + prefix, e);
        }
    }

    @Override
    public void delete(String name) {
        String path = path(BlobNames.checked(name));
        try {
            connections.call(files -> {
                Optional<RemoteFile> found = files.look(path);
                if (found.isEmpty()) {
                    requireRoot(files);
                } else if (!found.get().isDirectory() && files.removeIfThere(path)) {
                    new RemoteTree(files, root).removeEmpty(RemoteTree.parent(path));
                }
                return true;
            });
        } catch (IOException e) {
            throw failures.explain("deleting " + name, e);
        }
    }

    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        String directory = directory(prefix);
        Instant limit = olderThan.isZero() ? Instant.MAX : clock.instant().minus(olderThan);
        try {
            return connections.call(files -> {
                requireRoot(files);
                RemoteTree tree = new RemoteTree(files, root);
                long[] freed = {0};
                tree.walk(directory, (path, segment, file) -> {
                    boolean leftover = RemoteTree.isTemporary(segment)
                            && !uploads.contains(path)
                            && !file.modified().isAfter(limit);
                    if (leftover && files.removeIfThere(path)) {
                        freed[0] += file.bytes();
                        tree.removeEmpty(RemoteTree.parent(path));
                    }
                    return true;
                });
                return freed[0];
            });
        } catch (IOException e) {
            throw failures.explain("sweeping " + prefix, e);
        }
    }

    @Override
    public OptionalLong freeBytes() {
        try {
            return connections.call(files -> files.space(root))
                    .map(space -> OptionalLong.of(space.freeBytes()))
                    .orElse(OptionalLong.empty());
        } catch (IOException e) {
            throw failures.explain("asking for free space", e);
        }
    }

    @Override
    public void probe() {
        // a temporary name, so that what a crash leaves of it is swept like every other leftover
        String path = root + "/" + RemoteTree.temporary(UUID.randomUUID().toString());
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 'x');
        try {
            // whoever tries out settings wants to hear at once that nobody is there
            connections.once(files -> {
                make(files, root);
                requireRoot(files);
                if (files.follow(root).filter(RemoteFile::othersMayWrite).isPresent()) {
                    throw failures.failure(ErrorCode.STORE_NOT_WRITABLE, "looking at the directory",
                            "it is writable by every user of the server", "Run there: chmod o-w " + root, null);
                }
                return true;
            });
            Probe.run(connections, path, expected);
            publication();
        } catch (IOException e) {
            throw failures.explain("trying to write", e);
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        try {
            boolean knowsSpace = connections.call(files -> files.space(root)).isPresent();
            return StoreCapabilities.simple(publication() == Publication.LINK, knowsSpace, true);
        } catch (IOException e) {
            throw failures.explain("looking at the store", e);
        }
    }

    @Override
    public void close() {
        connections.close();
    }

    private String directory(String prefix) {
        String checked = BlobNames.checkedPrefix(prefix);
        return checked.isEmpty() ? root : root + "/" + checked.substring(0, checked.length() - 1);
    }

    String path(String name) {
        return root + "/" + name;
    }

    String temporary(String name, String id) {
        return RemoteTree.parent(path(name)) + "/" + RemoteTree.temporary(id);
    }

    String root() {
        return root;
    }

    Connections connections() {
        return connections;
    }

    SftpFailures failures() {
        return failures;
    }

    Publication publication() throws IOException {
        Publication known = publication;
        if (known == null) {
            known = connections.call(files -> Publication.supportedIn(files, root));
            publication = known;
        }
        return known;
    }

    void ended(String temporary) {
        uploads.remove(temporary);
    }
}
