package io.dbbackup.service.config;

import io.dbbackup.model.Hooks;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The key {@code hooks} of a policy. Whether the scripts are there is for the server that runs them to say. */
final class HooksSection {
    private HooksSection() {}

    static Hooks read(YamlMapping item) {
        Optional<Duration> timeout = item.text("timeout").flatMap(text -> {
            Optional<Duration> parsed = Quantities.duration(text);
            if (parsed.isEmpty()) {
                item.error("timeout", "timeout is \"" + text + "\"", Quantities.DURATION_ALLOWED);
            }
            return parsed;
        });
        Hooks hooks = new Hooks(
                names(item, "before"),
                names(item, "after"),
                item.choice("on_error", List.of("warn", "fail")).map("fail"::equals).orElse(false),
                timeout.orElse(Hooks.DEFAULT_TIMEOUT));
        item.finish();
        return hooks;
    }

    private static List<String> names(YamlMapping item, String key) {
        List<String> names = item.texts(key);
        for (String name : names) {
            if (!Hooks.isName(name)) {
                item.error(key, "there is \"" + name + "\"", Hooks.ALLOWED);
            }
        }
        return names;
    }

    static Map<String, Object> write(Hooks hooks) {
        Map<String, Object> item = new LinkedHashMap<>();
        if (!hooks.before().isEmpty()) {
            item.put("before", hooks.before());
        }
        if (!hooks.after().isEmpty()) {
            item.put("after", hooks.after());
        }
        item.put("on_error", hooks.failureFails() ? "fail" : "warn");
        item.put("timeout", Quantities.duration(hooks.timeout()));
        return item;
    }
}
