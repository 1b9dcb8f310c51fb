package io.dbbackup.engine.postgresql.restore;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a script of pg_dumpall into its statements: semicolons count outside of quotes, dollar quotes and comments.
 * Lines for psql, which begin with a backslash, and comments between statements are left out.
 */
final class SqlStatements {
    private final String script;
    private final List<String> statements = new ArrayList<>();
    private int at;
    private int begin;

    private SqlStatements(String script) {
        this.script = script;
    }

    static List<String> split(String script) {
        SqlStatements splitter = new SqlStatements(script);
        splitter.run();
        return splitter.statements;
    }

    private void run() {
        skipBetween();
        while (at < script.length()) {
            char c = script.charAt(at);
            if (c == ';') {
                statements.add(script.substring(begin, at).strip());
                at++;
                skipBetween();
            } else if (c == '\'') {
                skipString(at > 0 && (script.charAt(at - 1) == 'E' || script.charAt(at - 1) == 'e')
                        && !(at > 1 && identifierPart(script.charAt(at - 2))));
            } else if (c == '"') {
                skipTo("\"", at + 1);
            } else if (c == '$' && !(at > 0 && identifierPart(script.charAt(at - 1)))) {
                skipDollarQuote();
            } else if (!skipComment()) {
                at++;
            }
        }
        String rest = script.substring(Math.min(begin, script.length())).strip();
        if (!rest.isEmpty()) {
            statements.add(rest);
        }
    }

    private void skipBetween() {
        for (;;) {
            while (at < script.length() && Character.isWhitespace(script.charAt(at))) {
                at++;
            }
            if (at < script.length() && script.charAt(at) == '\\') {
                skipTo("\n", at);
            } else if (!skipComment()) {
                begin = at;
                return;
            }
        }
    }

    /** A doubled quote ends one string and begins the next, which comes to the same. */
    private void skipString(boolean backslashEscapes) {
        at++;
        while (at < script.length() && script.charAt(at) != '\'') {
            at += backslashEscapes && script.charAt(at) == '\\' ? 2 : 1;
        }
        at = Math.min(at + 1, script.length());
        if (backslashEscapes && at < script.length() && script.charAt(at) == '\'') {
            skipString(true);
        }
    }

    private void skipDollarQuote() {
        int end = at + 1;
        while (end < script.length() && identifierPart(script.charAt(end)) && script.charAt(end) != '$') {
            end++;
        }
        boolean tag = end < script.length() && script.charAt(end) == '$'
                && !(end > at + 1 && Character.isDigit(script.charAt(at + 1)));
        if (tag) {
            skipTo(script.substring(at, end + 1), end + 1);
        } else {
            at++;
        }
    }

    private boolean skipComment() {
        if (script.startsWith("--", at)) {
            skipTo("\n", at);
            return true;
        }
        if (script.startsWith("/*", at)) {
            skipBlockComment();
            return true;
        }
        return false;
    }

    private void skipBlockComment() {
        int depth = 0;
        do {
            if (script.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (script.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < script.length());
    }

    private void skipTo(String end, int from) {
        int found = script.indexOf(end, from);
        at = found < 0 ? script.length() : found + end.length();
    }

    private static boolean identifierPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > 127;
    }
}
