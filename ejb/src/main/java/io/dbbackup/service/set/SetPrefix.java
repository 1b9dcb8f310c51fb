package io.dbbackup.service.set;

/** Checks prefixes of backup sets. */
final class SetPrefix {
    private SetPrefix() {}

    /** @throws IllegalArgumentException when the prefix is empty (a set is never the whole store) or lacks its slash */
    static String checked(String prefix) {
        if (prefix.isEmpty() || !prefix.endsWith("/")) {
            throw new IllegalArgumentException("not the prefix of a backup set: \"" + prefix + "\"");
        }
        return prefix;
    }
}
