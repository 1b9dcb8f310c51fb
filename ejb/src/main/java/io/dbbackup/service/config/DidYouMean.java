package io.dbbackup.service.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody may have meant. */
final class DidYouMean {
    private DidYouMean() {}

    /** The known word nearest to what was written, when it is near enough to be a slip. */
    static Optional<String> of(String written, Collection<String> known) {
        String word = fold(written);
        return known.stream()
                .filter(candidate -> distance(word, fold(candidate)) <= Math.max(1, candidate.length() / 3))
                .min(Comparator.comparingInt((String candidate) -> distance(word, fold(candidate)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** {@code Did you mean "x"? } or nothing, to be put before a sentence. */
    static String hint(String written, Collection<String> known) {
        return of(written, known).map(word -> "Did you mean \"" + word + "\"? ").orElse("");
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }

    /** Edit distance in which two exchanged neighbours count as one slip. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
