package io.dbbackup.throwaway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Turns two maps from a thing's name to its state into sentences.
 *
 * @param where what the names belong to
 */
record MapDifference(String where) {

    private static final int SHOWN = 400;

    List<String> between(Map<String, String> expected, Map<String, String> actual) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        for (String name : names) {
            if (!actual.containsKey(name)) {
                differences.add(where + ": " + name + " is missing" + shown(", expected ", expected.get(name)));
            } else if (!expected.containsKey(name)) {
                differences.add(where + ": " + name + " is unexpected" + shown(", found ", actual.get(name)));
            } else if (!expected.get(name).equals(actual.get(name))) {
                int from = Math.max(0, commonPrefix(expected.get(name), actual.get(name)) - 40);
                differences.add(where + ": " + name + " differs, expected "
                        + shown("", expected.get(name).substring(from)) + " but found "
                        + shown("", actual.get(name).substring(from)));
            }
        }
        return differences;
    }

    private static int commonPrefix(String a, String b) {
        int end = Math.min(a.length(), b.length());
        int i = 0;
        while (i < end && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }

    private static String shown(String before, String value) {
        if (value.isEmpty()) {
            return "";
        }
        return before + "<" + (value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…") + ">";
    }
}
