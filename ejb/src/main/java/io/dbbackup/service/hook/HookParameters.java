package io.dbbackup.service.hook;

import io.dbbackup.model.Hooks;
import io.dbbackup.model.Json;
import io.dbbackup.service.run.Parameters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Hooks as parameters of a run. */
public final class HookParameters {
    public static final Set<String> KNOWN = Set.of("hooksBefore", "hooksAfter", "onHookError", "hookTimeoutSeconds");
    private static final long LONGEST_SECONDS = 7 * 24 * 3600L;

    private HookParameters() {}

    /** What a failing script after a run means. */
    enum OnError {
        WARN,
        FAIL
    }

    /** @throws io.dbbackup.model.BackupException INVALID_PARAMETER */
    public static Hooks of(Parameters given) {
        return new Hooks(
                names(given, "hooksBefore"),
                names(given, "hooksAfter"),
                given.choice("onHookError", OnError.class, OnError.WARN) == OnError.FAIL,
                Duration.ofSeconds(given.number(
                        "hookTimeoutSeconds", Hooks.DEFAULT_TIMEOUT.toSeconds(), 1, LONGEST_SECONDS)));
    }

    /**
     * The same, and every script is looked at.
     *
     * @throws io.dbbackup.model.BackupException also HOOK_REFUSED
     */
    public static Hooks checked(Parameters given) {
        Hooks hooks = of(given);
        Stream.concat(hooks.before().stream(), hooks.after().stream()).forEach(HookDirectory::find);
        return hooks;
    }

    private static List<String> names(Parameters given, String parameter) {
        List<String> names = given.list(parameter);
        for (String name : names) {
            if (!Hooks.isName(name)) {
                throw Parameters.invalid(parameter + " has \"" + name + "\"", Hooks.ALLOWED);
            }
        }
        return names;
    }

    /** The parameters that say the same. */
    public static void put(Map<String, String> values, Hooks hooks) {
        if (hooks.isEmpty()) {
            return;
        }
        if (!hooks.before().isEmpty()) {
            values.put("hooksBefore", Json.write(hooks.before()));
        }
        if (!hooks.after().isEmpty()) {
            values.put("hooksAfter", Json.write(hooks.after()));
        }
        values.put("onHookError", hooks.failureFails() ? "fail" : "warn");
        values.put("hookTimeoutSeconds", Long.toString(hooks.timeout().toSeconds()));
    }
}
