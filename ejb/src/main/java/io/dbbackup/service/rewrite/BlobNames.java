package io.dbbackup.service.rewrite;

/** Names of blobs in the new set: those of the old one, without what encryption had added. */
final class BlobNames {
    private static final String ENCRYPTED = ".enc";

    private BlobNames() {}

    /** A further attempt has a name of its own, because the one before may have stored its blob before it was killed. */
    static String of(String name, int attempt) {
        String stem = name.endsWith(ENCRYPTED) ? name.substring(0, name.length() - ENCRYPTED.length()) : name;
        if (attempt == 1) {
            return stem;
        }
        int dot = stem.indexOf('.', stem.lastIndexOf('/') + 1);
        int at = dot < 0 ? stem.length() : dot;
        return stem.substring(0, at) + ".r" + attempt + stem.substring(at);
    }
}
