package io.dbbackup.engine;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Names of blobs. Harmless in every store whatever the names in the database are, and never used twice: a new attempt
 * gets a new name.
 */
public final class BlobNames {
    private static final int SLUG_LENGTH = 60;

    private BlobNames() {}

    /** Letters, digits, {@code _} and {@code -} of a name; only for people to recognise it by. */
    public static String slug(String name) {
        String ascii = Normalizer.normalize(name, Normalizer.Form.NFD)
                .replaceAll("\\p{M}+", "")
                .replaceAll("[^A-Za-z0-9_]+", "-")
                .replaceAll("^-+|-+$", "");
        String cut = ascii.length() > SLUG_LENGTH ? ascii.substring(0, SLUG_LENGTH) : ascii;
        return cut.isEmpty() ? "x" : cut;
    }

    /** {@code databases/0003-shop} and, from the second opening on, {@code databases/0003-shop.r2}. */
    public static String databasePrefix(int number, String database, int attempt) {
        return String.format(Locale.ROOT, "databases/%04d-%s%s", number, slug(database), retry(attempt));
    }

    /** {@code prefix/stem.r2.extension}; the first attempt has no number. */
    public static String of(String prefix, String stem, int attempt, String extension) {
        return prefix + "/" + stem + retry(attempt) + "." + extension;
    }

    public static String retry(int attempt) {
        return attempt > 1 ? ".r" + attempt : "";
    }
}
