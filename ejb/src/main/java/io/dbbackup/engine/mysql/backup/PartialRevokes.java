package io.dbbackup.engine.mysql.backup;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What MySQL (8.0.16 and later, with {@code partial_revokes}) takes away in one database of what an account has on the whole server. */
final class PartialRevokes {
    private static final Pattern REVOKE = Pattern.compile("^REVOKE (.+?) ON `((?:[^`]|``)+)`\\.\\* FROM .*");
    private static final String ALL = "ALL PRIVILEGES";

    private PartialRevokes() {}

    /**
     * Reads them out of the lines of SHOW GRANTS; nothing else tells the account itself.
     *
     * @param needed which privileges matter
     * @return by database those of them that are lacking there, in alphabetical order
     */
    static Map<String, Set<String>> in(Collection<String> grants, Set<String> needed) {
        Map<String, Set<String>> revoked = new TreeMap<>();
        for (String line : grants) {
            Matcher revoke = REVOKE.matcher(line);
            if (revoke.matches()) {
                Set<String> lacking = new TreeSet<>(needed);
                if (!revoke.group(1).equals(ALL)) {
                    lacking.retainAll(Arrays.asList(revoke.group(1).split(", ")));
                }
                if (!lacking.isEmpty()) {
                    revoked.computeIfAbsent(revoke.group(2).replace("``", "`"), name -> new TreeSet<>()).addAll(lacking);
                }
            }
        }
        return revoked;
    }
}
