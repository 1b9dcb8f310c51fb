package io.dbbackup.throwaway;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Roles, memberships, role settings and tablespaces as {@code pg_dumpall --globals-only} writes them, line by line. */
final class GlobalsText {

    private GlobalsText() {}

    /** Each line with how often it occurs. Leaves out the role that logs in: its password is the server's own. */
    static Map<String, String> of(PostgresEndpoint server) {
        String dump = server.tool("pg_dumpall",
                List.of("--globals-only", "--no-sync", "--dbname=" + server.conninfo("postgres")));
        Map<String, String> lines = new TreeMap<>();
        for (String line : dump.lines().toList()) {
            if (!line.isBlank() && !line.startsWith("--") && !line.startsWith("\\") && !isOwnRole(line, server.user())) {
                lines.merge(line, "1", (a, b) -> Integer.toString(Integer.parseInt(a) + 1));
            }
        }
        return lines;
    }

    private static boolean isOwnRole(String line, String user) {
        return List.of(user, "\"" + user.replace("\"", "\"\"") + "\"").stream().anyMatch(name ->
                line.equals("CREATE ROLE " + name + ";") || line.startsWith("ALTER ROLE " + name + " WITH "));
    }
}
