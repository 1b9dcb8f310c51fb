package io.dbbackup.service.verify;

import io.dbbackup.model.VerifyLevel;
import java.util.List;

/** Kinds of the work items of a verification; those of the restore are the engine's. */
final class VerifyKind {
    /** The set's manifest against itself and the catalog. */
    static final String MANIFEST = "verify.manifest";
    /** The globals' blob. */
    static final String GLOBALS = "verify.globals";
    /** Blobs in the store that no manifest names. */
    static final String EXTRAS = "verify.extras";
    /** A database's manifest against itself and its entry in the set's manifest. */
    static final String DATABASE = "verify.database";
    /** Stored bytes of some blobs of a database. */
    static final String STORED = "verify.stored";
    /** Content of some blobs of a database. */
    static final String CONTENT = "verify.content";
    /** Starts the throwaway server and yields the restore's items. */
    static final String SANDBOX = "verify.sandbox";

    /** What stays true when an execution ends: everything that does not depend on the throwaway server. */
    static final List<String> LASTING = List.of(MANIFEST, GLOBALS, EXTRAS, DATABASE, STORED, CONTENT);

    private VerifyKind() {}

    /** How a level looks at the blobs of databases. */
    static String ofBlobs(VerifyLevel level) {
        return level == VerifyLevel.CONTENT ? CONTENT : STORED;
    }
}
