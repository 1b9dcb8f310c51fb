package io.dbbackup.engine.partial;

import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** What the patterns of a selection say about tables and views. Immutable, thread-safe. */
public final class TableFilter {
    private final List<TablePattern> include;
    private final List<TablePattern> exclude;
    private final List<TablePattern> excludeRows;

    public TableFilter(Selection selection) {
        include = parse(selection.includeTables());
        exclude = parse(selection.excludeTables());
        excludeRows = parse(selection.excludeTableData());
    }

    private static List<TablePattern> parse(List<String> texts) {
        return texts.stream().map(text -> TablePattern.parse(text).orElseThrow()).toList();
    }

    private static Optional<TablePattern> first(List<TablePattern> patterns, Predicate<TablePattern> means) {
        return patterns.stream().filter(means).findFirst();
    }

    /**
     * Why a table or view is not to be taken; empty when it is. A view is not left out because it was not named.
     *
     * @param means whether a pattern means it
     */
    public Optional<String> unwanted(boolean view, Predicate<TablePattern> means) {
        Optional<TablePattern> excluded = first(exclude, means);
        if (excluded.isPresent()) {
            return Optional.of("excluded by " + excluded.get());
        }
        return !include.isEmpty() && !view && first(include, means).isEmpty()
                ? Optional.of("not among the included tables")
                : Optional.empty();
    }

    /** Why the rows of a table are not to be taken; empty when they are. */
    public Optional<String> rowsUnwanted(Predicate<TablePattern> means) {
        return first(excludeRows, means).map(pattern -> "rows excluded by " + pattern);
    }

    /** Whether tables are named that are to be taken. */
    public boolean names() {
        return !include.isEmpty();
    }

    /** Whether a table is one of those that are named to be taken. */
    public boolean includes(Predicate<TablePattern> means) {
        return first(include, means).isPresent() && first(exclude, means).isEmpty();
    }

    /**
     * Views, and views on views, that cannot be without what is left out.
     *
     * @param views all of them
     * @param reads what a view reads
     * @param out what is left out
     * @param shown what it is called
     * @return the views with the reason, without those that are in {@code out}
     */
    public static <T> Map<T, String> viewsWithout(
            Iterable<T> views, Function<T, Set<T>> reads, Predicate<T> out, Function<T, String> shown) {
        Map<T, String> found = new LinkedHashMap<>();
        boolean more = true;
        while (more) {
            more = false;
            for (T view : views) {
                if (!out.test(view) && !found.containsKey(view)) {
                    Optional<T> missing = reads.apply(view).stream()
                            .filter(read -> out.test(read) || found.containsKey(read))
                            .findFirst();
                    if (missing.isPresent()) {
                        found.put(view, "reads " + shown.apply(missing.get()));
                        more = true;
                    }
                }
            }
        }
        return found;
    }
}
