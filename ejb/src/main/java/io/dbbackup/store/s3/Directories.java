package io.dbbackup.store.s3;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps names from being a blob and a directory at once, which S3 allows but a copy of the store on a disk would not.
 * Prefixes that are known to be no blobs are remembered, so that a set costs one request per directory and one per
 * blob. Thread-safe.
 */
final class Directories {
    private static final int MOST_REMEMBERED = 1000;

    private final S3Settings settings;
    private final Objects objects;
    private final Map<String, Boolean> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    Directories(S3Settings settings, Objects objects) {
        this.settings = settings;
        this.objects = objects;
    }

    /** True when the name is a directory of a blob, or a directory of the name is a blob. */
    boolean clash(String name) {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            String parent = name.substring(0, slash);
            if (!remembered(parent)) {
                if (objects.look(settings.prefix() + parent).isPresent()) {
                    return true;
                }
                remember(parent);
            }
        }
        return objects.anyBelow(settings.prefix() + name);
    }

    /** To be called when something was deleted. */
    void forget() {
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
