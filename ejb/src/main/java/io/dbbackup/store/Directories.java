package io.dbbackup.store;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Keeps names from being a blob and a directory at once, which object stores allow but a copy of the store on a disk
 * would not. Prefixes that are known to be no blobs are remembered, so that a set costs one request per directory and
 * one per blob. Thread-safe.
 */
public final class Directories {
    private static final int MOST_REMEMBERED = 1000;

    private final Predicate<String> isBlob;
    private final Predicate<String> anyBelow;
    private final Map<String, Boolean> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    /**
     * @param isBlob whether a blob of that name exists
     * @param anyBelow whether a blob exists whose name begins with that and a slash
     */
    public Directories(Predicate<String> isBlob, Predicate<String> anyBelow) {
        this.isBlob = isBlob;
        this.anyBelow = anyBelow;
    }

    /** True when the name is a directory of a blob, or a directory of the name is a blob. */
    public boolean clash(String name) {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            String parent = name.substring(0, slash);
            if (!remembered(parent)) {
                if (isBlob.test(parent)) {
                    return true;
                }
                remember(parent);
            }
        }
        return anyBelow.test(name);
    }

    /** To be called when something was deleted. */
    public void forget() {
        synchronized (known) {
            known.clear();
        }
    }

    private boolean remembered(String prefix) {
        synchronized (known) {
            return known.containsKey(prefix);
        }
    }

    private void remember(String prefix) {
        synchronized (known) {
            known.put(prefix, true);
        }
    }
}
