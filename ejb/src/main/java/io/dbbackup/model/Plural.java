package io.dbbackup.model;

/** How many of something there are, as people say it. Stateless. */
public final class Plural {
    private Plural() {}

    /** For example {@code 1 table differs} or {@code 2 tables differ}: what follows the number, with its verb where it has one. */
    public static String of(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
