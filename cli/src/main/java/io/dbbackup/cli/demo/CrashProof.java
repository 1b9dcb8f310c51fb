package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.demo.DemoRuns.Item;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the work items of a run whose server was killed.
 *
 * @param items all of them
 * @param untouched done before the kill, and neither begun again nor ended at another time since
 * @param interrupted begun when the server was killed, and begun once more
 * @param first begun for the first time after the restart
 */
record CrashProof(int items, int untouched, int interrupted, int first) {
    /**
     * @param before items as the killed server had left them
     * @param after items at the end
     * @throws ApiException when finished work was done again, or work is missing
     */
    static CrashProof of(Map<String, Item> before, Map<String, Item> after) {
        List<String> wrong = new ArrayList<>();
        int untouched = 0;
        int interrupted = 0;
        int first = 0;
        for (Map.Entry<String, Item> entry : after.entrySet()) {
            Item now = entry.getValue();
            Item then = before.get(entry.getKey());
            if (!now.done()) {
                wrong.add(entry.getKey() + " is " + now.state());
            } else if (then == null || then.attempts() == 0) {
                first++;
            } else if (!then.done()) {
                interrupted++;
            } else if (then.attempts() == now.attempts() && then.endedAt().equals(now.endedAt())) {
                untouched++;
            } else {
                wrong.add(entry.getKey() + " was done before the kill and again after it");
            }
        }
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(key -> wrong.add(key + " has vanished"));
        if (!wrong.isEmpty()) {
            throw new ApiException(
                    "DEMO_PROOF_FAILED", "the restarted run did not continue with what was left: " + String.join(", ", wrong),
                    "This is a defect; please report it with the server's log.", 70);
        }
        return new CrashProof(after.size(), untouched, interrupted, first);
    }

    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Work items", items + ", all done, none of them twice:");
        facts.put("  before the kill", untouched + ", not touched again (attempts and times unchanged)");
        facts.put("  in work when killed", interrupted + ", begun again; rows that were committed are not loaded twice (marker table)");
        facts.put("  after the restart", Integer.toString(first));
        return facts;
    }
}
