package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Views of one database that are not created yet, because others come first or because they were broken in the source. Not thread-safe. */
final class PendingViews {
    private final RestoreContext context;
    private final RestoreTarget target;
    private final ObjectCreation creation;
    private final List<Definition> views = new ArrayList<>();
    private final Map<String, BackupException> failures = new HashMap<>();

    PendingViews(RestoreContext context, RestoreTarget target, ObjectCreation creation) {
        this.context = context;
        this.target = target;
        this.creation = creation;
    }

    void add(Definition view) {
        views.add(view);
    }

    RestoreTarget target() {
        return target;
    }

    List<String> names() {
        return views.stream().map(Definition::name).toList();
    }

    /**
     * In rounds, each of which creates what the rounds before have made possible.
     *
     * @param session in the database
     * @return whether any was created
     */
    boolean create(Session session) {
        int all = views.size();
        int before = Integer.MAX_VALUE;
        while (!views.isEmpty() && views.size() < before) {
            before = views.size();
            views.removeIf(view -> created(session, view));
        }
        return views.size() < all;
    }

    private boolean created(Session session, Definition view) {
        try {
            creation.create(session, view);
            return true;
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            failures.put(view.name(), e);
            return false;
        }
    }

    /** Nobody can create these. */
    void warn() {
        views.forEach(view -> context.warn("database \"" + target.name() + "\": view \"" + view.name() + "\" could not be created: "
                + failures.get(view.name()).problem().cause()));
    }
}
