package io.dbbackup.store;

import java.util.regex.Pattern;

/** Which names are names of blobs, for stores whose keys are text. */
public final class BlobNames {
    private static final Pattern SEGMENT = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,200}");

    private BlobNames() {}

    /** True for a name by the rules of {@link io.dbbackup.spi.BlobStore}. */
    public static boolean isName(String name) {
        for (String segment : name.split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                return false;
            }
        }
        return true;
    }

    /** @throws IllegalArgumentException when it is not a name; names come from code, not from people */
    public static String checked(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not the name of a blob: \"" + name + "\"");
        }
        return name;
    }

    /** @throws IllegalArgumentException when it is neither empty nor a name that ends with a slash */
    public static String checkedPrefix(String prefix) {
        if (!prefix.isEmpty() && !(prefix.endsWith("/") && isName(prefix.substring(0, prefix.length() - 1)))) {
            throw new IllegalArgumentException("not a prefix, it must be a name that ends with /: \"" + prefix + "\"");
        }
        return prefix;
    }
}
