package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.service.access.Access;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Sets that a run has hidden to delete them, and then came to no end: without it nobody might ever delete them or list them again.
 * Thread-safe.
 */
@ApplicationScoped
public class HiddenSets {
    /** Makes the run that hid a set count as one that may be deleting it, should it be restarted in this moment. */
    private static final UUID NOBODY = new UUID(0, 0);

    private Access access;
    private WorkQueue queue;
    private BackupSets sets;

    protected HiddenSets() {}

    @Inject
    public HiddenSets(Access access, WorkQueue queue, BackupSets sets) {
        this.access = access;
        this.queue = queue;
        this.sets = sets;
    }

    /**
     * Lists those sets again of which nothing was deleted yet. Can be repeated. A store that cannot be asked is no failure.
     *
     * @param run that has ended
     * @return what was done and what is left, as sentences
     */
    public List<String> listAgain(UUID run) {
        Map<String, List<BackupSetView>> hidden = queue.unfinished(run, "", ExpireSet.KIND, ExpireSet.Task.class).stream()
                .flatMap(task -> sets.find(task.set(), task.store()).stream())
                .filter(set -> set.state() == BackupSetView.State.EXPIRING)
                .collect(Collectors.groupingBy(BackupSetView::store));
        List<String> notes = new ArrayList<>();
        hidden.forEach((name, inStore) -> {
            try (BlobStore store = access.store(name)) {
                inStore.forEach(set -> notes.add(listAgain(set, store)));
            } catch (BackupException e) {
                notes.add(inStore.size() + " backup sets stay hidden until the next retention, because store \"" + name
                        + "\" could not be asked what is left of them: " + e.problem().cause());
            }
        });
        return notes;
    }

    private String listAgain(BackupSetView set, BlobStore store) {
        if (!new SetRemoval(store, set.prefix(), new Cancellation()).hasManifest()) {
            return "backup set " + set.id() + " is lost, since its deletion was begun; the next retention of " + set.source()
                    + " deletes the rest of it";
        }
        sets.sealedAgain(set.id(), set.store(), NOBODY, ExpireSet.key(set.id()));
        return "backup set " + set.id() + " is listed again, since nothing of it was deleted yet";
    }
}
