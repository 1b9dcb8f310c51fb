package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import java.util.List;

/**
 * Creates views that read what other databases of the run hold, sets defaults that count by their sequences, and adds foreign keys to their
 * tables, when all of these have their final names; and gives the privileges on such views. Which ones these are the finish items say.
 * Repeatable.
 */
final class WaitingItem {
    private static final int SHOWN = 20;

    private WaitingItem() {}

    /**
     * What the item of kind {@link RestoreKind#FINISH} yields; of a single database always nothing.
     *
     * @param views names of those that could not be created yet
     * @param defaults statements that set those that could not be set yet; none in results of older versions
     * @param keys statements that add foreign keys that could not be added yet, as the set has them; none in results of older versions
     */
    record Finished(List<String> views, List<String> defaults, List<String> keys) {
        static final Finished NOTHING = new Finished(List.of(), List.of(), List.of());

        Finished {
            views = views == null ? List.of() : List.copyOf(views);
            defaults = defaults == null ? List.of() : List.copyOf(defaults);
            keys = keys == null ? List.of() : List.copyOf(keys);
        }

        boolean none() {
            return views.isEmpty() && defaults.isEmpty() && keys.isEmpty();
        }

        boolean has(Definition definition) {
            return switch (definition.kind()) {
                case VIEW -> views.contains(definition.name());
                case DEFAULTS -> defaults.contains(definition.statement());
                case FOREIGN_KEYS -> keys.contains(definition.statement());
                default -> false;
            };
        }
    }

    /** What the run warns of until this item is done. */
    private static final String MATTER = "after all databases";

    /** Whether there are other databases that something may wait for. */
    static boolean planned(RestoreContext context) {
        return context.spec().databases().size() > 1 && !RestoreTarget.dataOnly(context);
    }

    /** What this item is still to create in a finished database, or has created. */
    static Finished left(RestoreContext context, RestoreTarget target) {
        Finished[] left = {Finished.NOTHING};
        context.results(target.entry().name(), RestoreKind.FINISH, done -> left[0] = done.result(Finished.class));
        return left[0];
    }

    static ItemResult execute(RestoreContext context) {
        try (Session session = Session.open(context.target(), "", "restore views");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            List<RestoreTarget> targets = RestoreTarget.all(context).stream()
                    .filter(target -> isThere(context, session.sql(), target))
                    .toList();
            create(context, session.sql(), targets);
            targets.stream().filter(target -> !left(context, target).views().isEmpty())
                    .forEach(target -> AccountsItem.grantObjects(context, session.sql(), target, false));
            context.settled(MATTER);
            return ItemResult.nothing();
        }
    }

    /** The others of the run must not wait for one that somebody has dropped. */
    private static boolean isThere(RestoreContext context, Sql sql, RestoreTarget target) {
        boolean there = Databases.exists(sql, target.name());
        if (!there && !left(context, target).none()) {
            context.warn("database \"" + target.name() + "\" was finished by this run and is not on " + context.target()
                    + " any more, somebody has dropped or renamed it: views, defaults and foreign keys that waited for other databases were left out there."
                    + " If it is still wanted, restore it in a run of its own");
        }
        return there;
    }

    /** In rounds over all databases: each may make possible what another one waits for. */
    private static void create(RestoreContext context, Sql sql, List<RestoreTarget> targets) {
        List<Waiting> all = targets.stream()
                .map(target -> missing(context, sql, target))
                .filter(waiting -> !waiting.left().none())
                .toList();
        boolean more = true;
        while (more) {
            more = false;
            for (Waiting waiting : all) {
                more |= !waiting.left().none() && create(context, waiting);
            }
        }
        all.forEach(Waiting::warn);
    }

    /** Also keys that were there: somebody may have dropped those that kept a table of another database from its name. */
    private static Waiting missing(RestoreContext context, Sql sql, RestoreTarget target) {
        Finished left = left(context, target);
        return new AfterData(context, target, true)
                .missing(sql, definition -> definition.kind() == Definition.Kind.FOREIGN_KEYS || left.has(definition));
    }

    private static boolean create(RestoreContext context, Waiting waiting) {
        try (Session session = new AfterData(context, waiting.target(), true).session();
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            return waiting.create(session);
        }
    }

    /** When the item is left, because some database could not be finished. */
    static void warnOfLeft(RestoreContext context) {
        context.settled(MATTER);
        boolean[] done = new boolean[1];
        context.results("", RestoreKind.WAITING, item -> done[0] = true);
        if (done[0]) {
            return;
        }
        RunNames names = new RunNames(context);
        for (RestoreTarget target : RestoreTarget.all(context)) {
            Finished left = left(context, target);
            warnOfLeft(context, target, "views that could not be created", left.views(), "create them from after-data.sql of the set");
            warnOfLeft(context, target, "defaults that could not be set",
                    left.defaults().stream().map(statement -> names.inDefault(target.entry().name(), statement)).toList(), "execute these statements");
            warnOfLeft(context, target, "foreign keys that could not be added",
                    left.keys().stream().map(statement -> names.inKey(target.entry().name(), statement)).toList(), "execute these statements");
        }
    }

    private static void warnOfLeft(RestoreContext context, RestoreTarget target, String what, List<String> left, String otherwise) {
        if (!left.isEmpty()) {
            context.warn(MATTER, "database \"" + target.name() + "\" lacks " + what + " before all databases of the run are finished: "
                    + String.join(", ", left.subList(0, Math.min(SHOWN, left.size())))
                    + (left.size() > SHOWN ? " and " + (left.size() - SHOWN) + " more" : "")
                    + ". Restart the run when the others can be finished; or " + otherwise);
        }
    }
}
