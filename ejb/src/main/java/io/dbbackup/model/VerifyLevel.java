package io.dbbackup.model;

/** How much a verification proves; each level includes the ones before it. */
public enum VerifyLevel {
    /** Sizes and SHA-256 of every blob. */
    STORED,
    /** Everything decoded, rows counted again, fingerprints computed again; needs no database. */
    CONTENT,
    /** Restored into a throwaway server, counts and fingerprints of every table compared there. */
    RESTORE
}
