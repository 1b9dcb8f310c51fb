package io.dbbackup.store.azure;

import java.util.regex.Pattern;

/**
 * Names of blobs as names in the container. Azure drops dots at the end of segments, so a tilde, which is in no name of
 * ours, goes behind them.
 */
record AzureKeys(String prefix) {
    private static final Pattern DOT_AT_THE_END = Pattern.compile("\\.(?=/|$)");
    private static final Pattern GUARDED = Pattern.compile("\\.~(?=/|$)");

    /** @param name that of a blob, or a prefix of such */
    String key(String name) {
        return prefix + DOT_AT_THE_END.matcher(name).replaceAll(".~");
    }

    /** @param key begins with the store's prefix */
    String name(String key) {
        return GUARDED.matcher(key.substring(prefix.length())).replaceAll(".");
    }
}
