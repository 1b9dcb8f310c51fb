package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Problem;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.service.verify.DatabaseIndex.Part;
import io.dbbackup.service.verify.Looked.Deviation;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.Progress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decodes blobs (which checks stored and plain digests), counts the rows of every part again, computes their fingerprints
 * again, and lets the engine read the definitions.
 */
final class ContentCheck {
    private static final int BUFFER = 256 * 1024;
    private static final String WITHOUT_MEMBER = "Rely on another backup set; this one does not hold the rows that it claims.";

    private final OpenSet set;
    private final DatabaseEngine engine;
    private final Cancellation cancellation;
    private final Progress progress;
    private final byte[] buffer = new byte[BUFFER];
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private final List<Deviation> deviations = new ArrayList<>();
    private long rows;

    ContentCheck(OpenSet set, DatabaseEngine engine, Cancellation cancellation, Progress progress) {
        this.set = set;
        this.engine = engine;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    long rows() {
        return rows;
    }

    Looked result() {
        return new Looked(findings, unreadable, deviations);
    }

    /** A blob without parts, such as definitions or globals. */
    void check(String database, BlobRef blob) {
        check(new DatabaseIndex(null, Map.of()), database, blob);
    }

    /** A failure of the blob as a whole makes what was found in it void: a damaged blob is reported as that. */
    void check(DatabaseIndex index, String database, BlobRef blob) {
        List<Finding> before = List.copyOf(findings);
        int deviationsBefore = deviations.size();
        try (InputStream in = set.reader().open(blob)) {
            List<Part> parts = index.partsOf(blob.name());
            if (parts.stream().anyMatch(part -> !part.manifest().member().isEmpty())) {
                checkBundle(index, database, blob, parts, in);
            } else if (parts.size() == 1) {
                checkPart(index, database, parts.get(0), in);
            } else if (index.isDefinitions(blob)) {
                engine.checkDefinitions(set.reader().manifest().server(), new Shown(in), cancellation);
            } else {
                drain(in);
            }
        } catch (BackupException e) {
            findings.retainAll(before);
            deviations.subList(deviationsBefore, deviations.size()).clear();
            findings.add(Damage.finding(
                    database, blob.name(), blob.plainBytes() + " plain bytes, XXH3-128 " + blob.plainXxh128(), e));
            unreadable.add(blob.name());
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.STORE_IO,
                    "reading " + set.prefix() + blob.name() + " failed: " + e.getMessage(),
                    "Check the store and the connection to it, then restart the run.",
                    e);
        }
    }

    private void checkBundle(DatabaseIndex index, String database, BlobRef blob, List<Part> parts, InputStream in) {
        Map<String, Part> missing = new HashMap<>();
        parts.forEach(part -> missing.put(part.manifest().member(), part));
        Bundle.read(in, (name, bytes) -> {
            Part part = missing.remove(name);
            try {
                if (part == null) {
                    drain(bytes);
                    findings.add(strange(database, blob, name));
                } else {
                    checkPart(index, database, part, bytes);
                }
            } catch (IOException e) {
                throw new BackupException(ErrorCode.STORE_IO, e.getMessage(), "Check the store.", e);
            }
        });
        missing.values().forEach(part -> deviate(
                index,
                database,
                part,
                Fingerprint.EMPTY,
                new Problem(
                        ErrorCode.BLOB_MISSING,
                        "bundle " + blob.name() + " has no member \"" + part.manifest().member() + "\" with table "
                                + index.tableName(part),
                        WITHOUT_MEMBER)));
    }

    private static Finding strange(String database, BlobRef blob, String member) {
        return Finding.warning(
                database,
                blob.name(),
                "only members that the manifest names",
                "member " + member,
                new Problem(
                        ErrorCode.BLOB_UNEXPECTED,
                        "bundle " + blob.name() + " has a member \"" + member + "\" that the manifest does not name",
                        "Find out who wrote it; a restore ignores it."));
    }

    private void checkPart(DatabaseIndex index, String database, Part part, InputStream in) throws IOException {
        RowScanner scanner = engine.rowScanner(part.manifest().format());
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            cancellation.check();
            scanner.accept(buffer, 0, read);
            progress.bytes(read);
        }
        String where = "table " + index.tableName(part) + " in " + name(part);
        Fingerprint expected = part.manifest().content();
        Fingerprint found;
        try {
            found = scanner.result();
        } catch (BackupException e) {
            deviate(index, database, part, Fingerprint.EMPTY,
                    new Problem(e.code(), where + ": " + e.problem().cause(), e.problem().remedy()));
            return;
        }
        rows += found.rows();
        if (found.rows() != expected.rows()) {
            deviate(index, database, part, found, new Problem(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    where + " holds " + found.rows() + " rows, the manifest says " + expected.rows(),
                    NextStep.NO_OTHER_COPY));
        } else if (!found.equals(expected)) {
            deviate(index, database, part, found, new Problem(
                    ErrorCode.FINGERPRINT_MISMATCH,
                    where + " holds " + found.rows() + " rows with the fingerprint " + found + ", the manifest says "
                            + expected,
                    NextStep.NO_OTHER_COPY));
        }
    }

    private void deviate(DatabaseIndex index, String database, Part part, Fingerprint found, Problem problem) {
        deviations.add(new Deviation(part.table(), part.part(), found));
        findings.add(Finding.failed(
                database, name(part), part.manifest().content().toString(), found.toString(), problem));
    }

    private static String name(Part part) {
        return part.manifest().blob()
                + (part.manifest().member().isEmpty() ? "" : " member " + part.manifest().member());
    }

    private void drain(InputStream in) throws IOException {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            cancellation.check();
            progress.bytes(read);
        }
    }

    /** Shows what is read and stops when the run is stopped. */
    private final class Shown extends FilterInputStream {
        Shown(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            cancellation.check();
            int read = super.read(into, offset, length);
            if (read > 0) {
                progress.bytes(read);
            }
            return read;
        }
    }
}
