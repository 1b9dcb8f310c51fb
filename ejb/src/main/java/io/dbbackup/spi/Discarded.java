package io.dbbackup.spi;

import java.util.List;

/**
 * What giving a restore up has changed on the server.
 *
 * @param databases names of the unfinished databases that were dropped; of a data-only set those that held its marks alone
 * @param triggers those that the restore had suspended and that exist again, for people
 * @param losses what could not be put back, as sentences: nothing on the server says it afterwards
 */
public record Discarded(List<String> databases, List<String> triggers, List<String> losses) {
    public Discarded {
        databases = List.copyOf(databases);
        triggers = List.copyOf(triggers);
        losses = List.copyOf(losses);
    }

    public static Discarded of(List<String> databases) {
        return new Discarded(databases, List.of(), List.of());
    }
}
