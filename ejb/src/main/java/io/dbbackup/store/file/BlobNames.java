package io.dbbackup.store.file;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Which names are names of blobs, and where they are below a root. */
final class BlobNames {
    private static final Pattern SEGMENT = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,200}");
    /** The tilde is in no name of a blob, so that no blob can ever look like a leftover or the other way round. */
    private static final String TEMPORARY = ".part~";

    private BlobNames() {}

    /** @throws IllegalArgumentException when it is not a name; names come from code, not from people */
    static Path resolve(Path root, String name) {
        Path path = root;
        for (String segment : name.split("/", -1)) {
            if (!isSegment(segment)) {
                throw new IllegalArgumentException("not the name of a blob: \"" + name + "\"");
            }
            path = path.resolve(segment);
        }
        return path;
    }

    /** @throws IllegalArgumentException when it is neither empty nor a name that ends with a slash */
    static Path resolvePrefix(Path root, String prefix) {
        if (prefix.isEmpty()) {
            return root;
        }
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("not a prefix, it must end with /: \"" + prefix + "\"");
        }
        return resolve(root, prefix.substring(0, prefix.length() - 1));
    }

    static boolean isSegment(String text) {
        return SEGMENT.matcher(text).matches();
    }

    static String temporary() {
        return TEMPORARY + java.util.UUID.randomUUID();
    }

    static boolean isTemporary(String fileName) {
        return fileName.startsWith(TEMPORARY);
    }

    static String nameOf(Path root, Path file) {
        StringBuilder name = new StringBuilder();
        for (Path segment : root.relativize(file)) {
            name.append(name.isEmpty() ? "" : "/").append(segment);
        }
        return name.toString();
    }
}
