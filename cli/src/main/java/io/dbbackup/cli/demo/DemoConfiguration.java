package io.dbbackup.cli.demo;

import java.nio.file.Path;

/** The YAML file that a user would write for the demo's servers. */
final class DemoConfiguration {
    static final String SOURCE = "demo-source";
    static final String TARGET = "demo-target";
    static final String POLICY = "demo-policy";
    private static final String STORE = "demo-store";

    private DemoConfiguration() {}

    static String yaml(
            DemoDatabase source, Path sourcePassword, DemoDatabase target, Path targetPassword, Path store) {
        return "sources:\n"
                + source.configuration(SOURCE, sourcePassword)
                + target.configuration(TARGET, targetPassword)
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

    /** A double-quoted YAML text: paths may hold anything. */
    static String text(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
