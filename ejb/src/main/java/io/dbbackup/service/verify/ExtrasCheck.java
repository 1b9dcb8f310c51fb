package io.dbbackup.service.verify;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.dbbackup.catalog.Finding;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.spi.Cancellation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for blobs below the set's prefix that no manifest names. They do no harm to a restore, so they are a warning.
 * Keeps eight bytes per expected blob in memory, a hash of its name.
 */
final class ExtrasCheck {
    private static final Hasher64 HASH = Hashing.xxh3_64();
    /** Longest list of strange blobs; the rest is only counted. */
    private static final int MOST = 200;

    private final OpenSet set;
    private final Cancellation cancellation;
    /** Recipients may be added at any time, so these documents are known by how they are called. */
    private final List<String> keyDocuments = new ArrayList<>();

    private long[] expected = new long[1024];
    private int count;

    ExtrasCheck(OpenSet set, Cancellation cancellation) {
        this.set = set;
        this.cancellation = cancellation;
    }

    List<Finding> check() {
        if (!expectAll()) {
            return List.of();
        }
        Arrays.sort(expected, 0, count);
        List<Finding> strange = new ArrayList<>();
        long[] more = new long[1];
        set.store().list(set.prefix(), blob -> {
            cancellation.check();
            String name = blob.name().substring(set.prefix().length());
            if (Arrays.binarySearch(expected, 0, count, hash(name)) >= 0
                    || keyDocuments.stream().anyMatch(name::startsWith)) {
                return;
            }
            if (strange.size() < MOST) {
                strange.add(strange(name, blob.bytes() + " bytes", "the store has a blob " + blob.name()
                        + " that no manifest of the set names"));
            } else {
                more[0]++;
            }
        });
        if (more[0] > 0) {
            strange.add(strange("…", more[0] + " blobs", "the store has " + more[0] + " more blobs below " + set.prefix()
                    + " that no manifest of the set names"));
        }
        return strange;
    }

    /** False when a manifest is damaged, which is reported elsewhere: then nobody knows what belongs to the set. */
    private boolean expectAll() {
        try {
            expect(BackupManifest.BLOB_NAME);
            set.globals().ifPresent(this::expect);
            set.file().header().databases().forEach(database -> expect(database.inventory().name()));
            set.file().header().encryption().ifPresent(encryption -> encryption
                    .keys()
                    .forEach(section -> keyDocuments.add(KeyDocument.DIRECTORY + section.key() + "-")));
            for (DatabaseEntry entry : set.databases()) {
                cancellation.check();
                expect(entry.manifest());
                set.database(entry.name()).manifest().blobs().forEach(this::expect);
            }
            return true;
        } catch (BackupException e) {
            if (Damage.is(e.code())) {
                return false;
            }
            throw e;
        }
    }

    private void expect(BlobRef blob) {
        expect(blob.name());
    }

    private void expect(String name) {
        if (count == expected.length) {
            expected = Arrays.copyOf(expected, 2 * count);
        }
        expected[count++] = hash(name);
    }

    private static long hash(String name) {
        return HASH.hashBytesToLong(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Finding strange(String name, String found, String sentence) {
        return Finding.warning(
                "",
                name,
                "nothing",
                found,
                new Problem(
                        ErrorCode.BLOB_UNEXPECTED,
                        sentence,
                        "Find out who wrote it. A restore ignores it, and retention deletes it with the set."));
    }
}
