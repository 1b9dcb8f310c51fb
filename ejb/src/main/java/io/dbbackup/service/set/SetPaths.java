package io.dbbackup.service.set;

import io.dbbackup.model.SetId;

/** Where backup sets are in a store. */
public final class SetPaths {
    private SetPaths() {}

    /** Prefix of a set's blobs, ending with {@code /}: {@code <source>/<set id>/}. */
    public static String prefix(String source, SetId set) {
        return source + "/" + set + "/";
    }

    static String checkedPrefix(String prefix) {
        if (prefix.isEmpty() || !prefix.endsWith("/")) {
            throw new IllegalArgumentException("not the prefix of a backup set: \"" + prefix + "\"");
        }
        return prefix;
    }
}
