package io.dbbackup.browser;

import java.util.Map;
import java.util.Set;

/**
 * A row of the console's list of executions. The list has one row per instance: its latest execution.
 *
 * @param id of the execution
 * @param instance of the job; a restart keeps it
 * @param status batch status as the row says it
 * @param actions labels of the row's buttons
 */
record Execution(long id, long instance, String status, Set<String> actions) {

    static Execution of(Map<?, ?> row) {
        String[] buttons = String.valueOf(row.get("actions")).split("\\|");
        return new Execution(number(row, "id"), number(row, "instance"), String.valueOf(row.get("status")),
                buttons[0].isEmpty() ? Set.of() : Set.of(buttons));
    }

    private static long number(Map<?, ?> row, String key) {
        return Long.parseLong(String.valueOf(row.get(key)));
    }
}
