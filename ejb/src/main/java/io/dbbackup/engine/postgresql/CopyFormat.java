package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;

/** Formats of the plain bytes of a part, by their names in the manifest. */
public enum CopyFormat {
    /** COPY's text format in the encoding of the source database. */
    TEXT("pgcopy-text"),
    /** COPY's binary format; only for built-in types in a UTF8 database. */
    BINARY("pgcopy-binary");

    private final String manifestName;

    CopyFormat(String manifestName) {
        this.manifestName = manifestName;
    }

    public String manifestName() {
        return manifestName;
    }

    /** @throws BackupException MANIFEST_INVALID when there is no such format */
    public static CopyFormat of(String manifestName) {
        for (CopyFormat format : values()) {
            if (format.manifestName.equals(manifestName)) {
                return format;
            }
        }
        throw new BackupException(
                ErrorCode.MANIFEST_INVALID,
                "PostgreSQL has no part format \"" + manifestName + "\"",
                "Use a version of dbbackup that is at least as new as the one that wrote the set.");
    }
}
