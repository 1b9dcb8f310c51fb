package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Creates views that read what other databases of the run hold, when all of these have their final names, and gives the privileges on
 * them. Which ones these are the finish items say. Repeatable.
 */
final class ViewsItem {
    private static final int SHOWN = 20;

    private ViewsItem() {}

    /**
     * What the item of kind {@link RestoreKind#FINISH} yields.
     *
     * @param views that could not be created yet; of a single database never any
     */
    record Finished(List<String> views) {
        Finished {
            views = views == null ? List.of() : List.copyOf(views);
        }
    }

    /** Whether there are other databases that views may wait for. */
    static boolean planned(RestoreContext context) {
        return context.spec().databases().size() > 1 && !RestoreTarget.dataOnly(context);
    }

    /** Views of a finished database that this item is still to create, or has created. */
    static List<String> left(RestoreContext context, RestoreTarget target) {
        List<String> views = new ArrayList<>();
        context.results(target.entry().name(), RestoreKind.FINISH, done -> views.addAll(done.result(Finished.class).views()));
        return views;
    }

    static ItemResult execute(RestoreContext context) {
        try (Session session = Session.open(context.target(), "", "restore views");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            List<RestoreTarget> targets = RestoreTarget.all(context).stream()
                    .filter(target -> !left(context, target).isEmpty())
                    .toList();
            create(context, session.sql(), targets);
            targets.forEach(target -> AccountsItem.grantObjects(context, session.sql(), target, false));
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    /** In rounds over all databases: each may make possible what another one waits for. */
    private static void create(RestoreContext context, Sql sql, List<RestoreTarget> targets) {
        List<PendingViews> pending = targets.stream()
                .map(target -> new AfterData(context, target, true).missing(sql, left(context, target)))
                .filter(views -> !views.names().isEmpty())
                .toList();
        boolean more = true;
        while (more) {
            more = false;
            for (PendingViews views : pending) {
                more |= !views.names().isEmpty() && create(context, views);
            }
        }
        pending.forEach(PendingViews::warn);
    }

    private static boolean create(RestoreContext context, PendingViews views) {
        try (Session session = new AfterData(context, views.target(), true).session();
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            return views.create(session);
        }
    }

    /** When the item is left, because some database could not be finished. */
    static void warnOfLeft(RestoreContext context) {
        boolean[] done = new boolean[1];
        context.results("", RestoreKind.VIEWS, item -> done[0] = true);
        if (done[0]) {
            return;
        }
        for (RestoreTarget target : RestoreTarget.all(context)) {
            List<String> views = left(context, target);
            if (!views.isEmpty()) {
                context.warn("database \"" + target.name() + "\" lacks views that could not be created before all databases of the run are"
                        + " finished: " + String.join(", ", views.subList(0, Math.min(SHOWN, views.size())))
                        + (views.size() > SHOWN ? " and " + (views.size() - SHOWN) + " more" : "")
                        + ". Restart the run when the others can be finished; or create them from after-data.sql of the set");
            }
        }
    }
}
