package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Definition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Views in an order in which they can be created. MariaDB has no catalog of what a view reads, but its text names everything in
 * backticks: a view comes after the views that are named in it. A name of something else that is also a view's does no harm.
 */
final class ViewOrder {
    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)+)`");

    private final Map<String, Definition> left = new LinkedHashMap<>();
    private final List<Definition> ordered = new ArrayList<>();

    private ViewOrder(List<Definition> views) {
        views.forEach(view -> left.put(view.name(), view));
    }

    static List<Definition> of(List<Definition> views) {
        ViewOrder order = new ViewOrder(views);
        views.forEach(view -> order.add(view.name()));
        return order.ordered;
    }

    private void add(String name) {
        Definition view = left.remove(name);
        if (view != null) {
            Matcher names = NAME.matcher(view.statement());
            while (names.find()) {
                add(names.group(1).replace("``", "`"));
            }
            ordered.add(view);
        }
    }
}
