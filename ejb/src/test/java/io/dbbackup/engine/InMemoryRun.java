package io.dbbackup.engine;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Json;
import io.dbbackup.model.Problem;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkContext;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run whose catalog is a map: claims by priority and size when prerequisites are done, several workers, results as
 * JSON just as they would come out of the catalog. Shared by the tests of backup and restore.
 */
public class InMemoryRun implements WorkContext, AutoCloseable {
    private enum State {
        PENDING,
        RUNNING,
        DONE,
        FAILED
    }

    private static final class Entry {
        private final long id;
        private final ItemDraft draft;
        private State state = State.PENDING;
        private int attempts;
        private String resultJson = "";
        private Optional<Problem> problem = Optional.empty();

        Entry(long id, ItemDraft draft) {
            this.id = id;
            this.draft = draft;
        }
    }

    private final UUID run = UUID.randomUUID();
    private final int workers;
    private final Cancellation cancellation = new Cancellation();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, AutoCloseable> held = new ConcurrentHashMap<>();
    private final Set<String> warnings = new TreeSet<>();
    private final Map<String, Set<String>> matters = new LinkedHashMap<>();
    private BiConsumer<ItemDraft, ItemResult> listener = (item, result) -> {};
    private Consumer<String> warned = warning -> {};
    private Function<ItemDraft, Optional<ItemDraft>> planned = Optional::of;
    private long ids;

    public InMemoryRun(int workers) {
        this.workers = workers;
    }

    /** Makes items what another version planned, or leaves them out; call before {@link #add}. */
    public final void planned(Function<ItemDraft, Optional<ItemDraft>> otherwise) {
        planned = otherwise;
    }

    public final synchronized void add(Collection<ItemDraft> drafts) {
        Set<String> out = drafts.stream().filter(draft -> planned.apply(draft).isEmpty()).map(ItemDraft::key)
                .collect(Collectors.toSet());
        for (ItemDraft draft : drafts.stream().flatMap(draft -> planned.apply(draft).stream()).map(draft -> without(draft, out)).toList()) {
            if (entries.put(draft.key(), new Entry(++ids, draft)) != null) {
                throw new IllegalStateException("two items with the key " + draft.key());
            }
        }
        notifyAll();
    }

    private static ItemDraft without(ItemDraft draft, Set<String> out) {
        Set<String> needs = new TreeSet<>(draft.needs());
        needs.removeAll(out);
        return new ItemDraft(
                draft.key(), draft.kind(), draft.label(), draft.database(), draft.bytes(), draft.priority(), draft.payload(), needs);
    }

    /** The same item with another payload. */
    public static Optional<ItemDraft> with(ItemDraft draft, Map<String, ?> payload) {
        return Optional.of(new ItemDraft(
                draft.key(), draft.kind(), draft.label(), draft.database(), draft.bytes(), draft.priority(), payload, draft.needs()));
    }

    /** Called after every item that succeeded. */
    public final void onDone(BiConsumer<ItemDraft, ItemResult> each) {
        listener = each;
    }

    /** Called with each warning once, in the midst of the work. */
    public final void onWarning(Consumer<String> each) {
        warned = each;
    }

    /** Drains the queue with all workers; a failed item is final. */
    public final void drain(Function<WorkItem, ItemResult> executor) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            Thread thread = new Thread(() -> work(executor), "worker " + i);
            thread.start();
            threads.add(thread);
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.cancel();
        }
    }

    private void work(Function<WorkItem, ItemResult> executor) {
        for (Optional<Entry> next = claim(); next.isPresent(); next = claim()) {
            Entry entry = next.get();
            ItemDraft draft = entry.draft;
            try {
                ItemResult result = executor.apply(new WorkItem(
                        entry.id, run, draft.key(), draft.kind(), draft.label(), draft.database(), draft.bytes(),
                        entry.attempts, Json.write(draft.payload()), Optional.empty()));
                finish(entry, result);
                listener.accept(draft, result);
            } catch (RuntimeException | Error e) {
                fail(entry, e);
            }
        }
    }

    private synchronized Optional<Entry> claim() {
        while (true) {
            Optional<Entry> ready = cancellation.cancelled() ? Optional.empty() : entries.values().stream()
                    .filter(entry -> entry.state == State.PENDING && entry.draft.needs().stream()
                            .allMatch(key -> entries.get(key).state == State.DONE))
                    .min(Comparator.comparingInt((Entry entry) -> entry.draft.priority())
                            .thenComparing(Comparator.comparingLong((Entry entry) -> entry.draft.bytes()).reversed()));
            if (ready.isPresent()) {
                ready.get().state = State.RUNNING;
                ready.get().attempts++;
                return ready;
            }
            if (entries.values().stream().noneMatch(entry -> entry.state == State.RUNNING)) {
                return Optional.empty();
            }
            try {
                wait();
            } catch (InterruptedException e) {
                return Optional.empty();
            }
        }
    }

    private synchronized void finish(Entry entry, ItemResult result) {
        entry.state = State.DONE;
        entry.resultJson = Json.write(result.value());
        add(result.followUps());
        notifyAll();
    }

    private synchronized void fail(Entry entry, Throwable failure) {
        entry.state = State.FAILED;
        entry.problem = Optional.of(BackupException.problemOf(failure));
        if (!(failure instanceof BackupException)) {
            failure.printStackTrace();
        }
        notifyAll();
    }

    /** Makes failed and running items pending again, as a restart does. */
    public final synchronized void reopen() {
        entries.values().stream().filter(entry -> entry.state != State.DONE).forEach(entry -> {
            entry.state = State.PENDING;
            entry.problem = Optional.empty();
        });
    }

    /** Drops a database's items but those of one kind, which become pending again. */
    public final synchronized void startAgain(String database, String openKind) {
        entries.values().removeIf(entry ->
                entry.draft.database().equals(database) && !entry.draft.kind().equals(openKind));
        entries.values().stream()
                .filter(entry -> entry.draft.database().equals(database))
                .forEach(entry -> entry.state = State.PENDING);
    }

    /** What failed, by key. */
    public final synchronized Map<String, Problem> problems() {
        Map<String, Problem> found = new LinkedHashMap<>();
        entries.values().forEach(entry -> entry.problem.ifPresent(problem -> found.put(entry.draft.key(), problem)));
        return found;
    }

    public final synchronized List<ItemDraft> items(Predicate<ItemDraft> chosen) {
        return entries.values().stream().map(entry -> entry.draft).filter(chosen).toList();
    }

    /** How many items are not done. */
    public final synchronized long left() {
        return entries.values().stream().filter(entry -> entry.state != State.DONE).count();
    }

    public final synchronized Set<String> warnings() {
        return Stream.concat(warnings.stream(), matters.values().stream().flatMap(Set::stream)).collect(Collectors.toUnmodifiableSet());
    }

    /** Everything that is held at the moment. */
    public final Map<String, AutoCloseable> held() {
        return held;
    }

    @Override
    public final UUID run() {
        return run;
    }

    @Override
    public final Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public final int workers() {
        return workers;
    }

    @Override
    public final synchronized void warn(String warning) {
        if (warnings.add(warning)) {
            warned.accept(warning);
        }
    }

    @Override
    public final synchronized void warn(String matter, String warning) {
        matters.computeIfAbsent(matter, m -> new TreeSet<>()).add(warning);
    }

    @Override
    public final synchronized void settled(String matter) {
        matters.remove(matter);
    }

    @Override
    public final <T extends AutoCloseable> T hold(String key, Class<T> type, Supplier<T> maker) {
        return type.cast(held.computeIfAbsent(key, missing -> maker.get()));
    }

    @Override
    public final void release(String key) {
        AutoCloseable thing = held.remove(key);
        if (thing != null) {
            try {
                thing.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public final synchronized void results(String database, String kind, Consumer<DoneItem> each) {
        entries.values().stream()
                .filter(entry -> entry.state == State.DONE && entry.draft.database().equals(database)
                        && entry.draft.kind().equals(kind))
                .forEach(entry -> each.accept(new DoneItem(entry.draft.key(), entry.resultJson)));
    }

    @Override
    public void close() {
        List.copyOf(held.keySet()).forEach(this::release);
    }
}
