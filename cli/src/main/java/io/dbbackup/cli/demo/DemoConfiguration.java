package io.dbbackup.cli.demo;

import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;

/** The YAML file that a user would write for the demo's servers. */
final class DemoConfiguration {
    static final String SOURCE = "demo-source";
    static final String TARGET = "demo-target";
    static final String POLICY = "demo-policy";
    private static final String STORE = "demo-store";

    private DemoConfiguration() {}

    static String yaml(
            PostgresInstance source, Path sourcePassword, PostgresInstance target, Path targetPassword, Path store) {
        return "sources:\n"
                + server(SOURCE, source, sourcePassword)
                + server(TARGET, target, targetPassword)
                + """
                stores:
                  - name: %s
                    type: file
                    path: %s
                policies:
                  - name: %s
                    source: %s
                    store: %s
                    part_size: 4M
                    retention:
                      last: 1
                      daily: 7
                      weekly: 4
                      monthly: 12
                """.formatted(STORE, text(store.toString()), POLICY, SOURCE, STORE);
    }

    private static String server(String name, PostgresInstance server, Path password) {
        return """
                  - name: %s
                    engine: postgresql
                    host: %s
                    port: %d
                    user: %s
                    password_file: %s
                    options:
                      sslmode: disable
                      toolDirectory: %s
                """.indent(0).formatted(name, server.host(), server.port(), server.user(),
                text(password.toString()), text(server.binaries().directory().toString()));
    }

    /** A double-quoted YAML text: paths may hold anything. */
    private static String text(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
