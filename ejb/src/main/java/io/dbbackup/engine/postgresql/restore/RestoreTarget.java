package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * One database of a restore.
 *
 * @param entry the database in the set
 * @param name its name on the target when it is finished
 * @param temporaryName its name on the target until then; of a data-only set the same
 * @param number position among the databases of this run, stable for the run
 */
record RestoreTarget(DatabaseEntry entry, String name, String temporaryName, int number) {
    static final String PREFIX = RestoreMarks.PREFIX;

    /**
     * The databases of a run, in the order of their names in the set.
     *
     * @throws BackupException INVALID_PARAMETER when the set lacks one
     */
    static List<RestoreTarget> all(RestoreContext context) {
        Map<String, DatabaseEntry> entries = new HashMap<>();
        context.set().manifest().databases().forEach(entry -> entries.put(entry.name(), entry));
        List<RestoreTarget> targets = new ArrayList<>();
        for (String source : new TreeSet<>(context.spec().databases().keySet())) {
            if (!entries.containsKey(source)) {
                throw notInSet(context, source);
            }
            targets.add(of(context, entries.get(source), targets.size()));
        }
        return targets;
    }

    /** One database of a run. */
    static RestoreTarget of(RestoreContext context, String source) {
        DatabaseEntry entry = context.set().manifest().databases().stream()
                .filter(candidate -> candidate.name().equals(source))
                .findFirst()
                .orElseThrow(() -> notInSet(context, source));
        long before = context.spec().databases().keySet().stream()
                .filter(other -> other.compareTo(source) < 0)
                .count();
        return of(context, entry, (int) before);
    }

    private static RestoreTarget of(RestoreContext context, DatabaseEntry entry, int number) {
        return new RestoreTarget(
                entry,
                context.spec().databases().get(entry.name()),
                // rows are loaded into a database that is there already
                DataOnly.is(context) ? context.spec().databases().get(entry.name()) : prefix(context.run()) + number,
                number);
    }

    /** What the temporary names of a run begin with. */
    static String prefix(UUID run) {
        // the low half: the high half of time-ordered ids is the same for runs that start together
        return PREFIX + "%08x_".formatted((int) run.getLeastSignificantBits());
    }

    /** Name of the database that this one replaces, from the moment on when it has been replaced until it is dropped. */
    String formerName() {
        return temporaryName + "_former";
    }

    String source() {
        return entry.name();
    }

    private static BackupException notInSet(RestoreContext context, String source) {
        List<String> names =
                context.set().manifest().databases().stream().map(DatabaseEntry::name).toList();
        return new BackupException(
                ErrorCode.INVALID_PARAMETER,
                "database \"" + source + "\" is not in backup set " + context.set().manifest().set(),
                "Choose from the databases of the set: "
                        + String.join(", ", names.subList(0, Math.min(50, names.size()))) + ".");
    }
}
