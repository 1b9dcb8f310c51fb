package io.dbbackup.service.access;

import io.dbbackup.model.StoreConfig;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a store is, without how it is reached: two names of one place are no two copies of anything, and what expires under
 * one of them is gone under the other. Knows what the settings say; two addresses of one server are two places to it, and so are
 * two users of an SFTP server, each of whom may have a root directory of his own.
 */
public record StorePlace(String type, Map<String, String> where) {
    /** Settings of all types of stores that say where the blobs are. */
    private static final Set<String> PLACE =
            Set.of("endpoint", "account", "bucket", "container", "prefix", "host", "port", "user", "path");

    public static StorePlace of(StoreConfig store) {
        Map<String, String> where = new TreeMap<>();
        store.settings().forEach((name, value) -> {
            String bare = value.replaceAll("/+$", "");
            boolean usual = name.equals("port") && bare.equals("22");
            if (PLACE.contains(name) && !bare.isEmpty() && !usual) {
                where.put(name, name.equals("path") && store.type().equals("file") ? real(bare) : bare);
            }
        });
        return new StorePlace(store.type(), where);
    }

    /** Another store of these that is at the same place. */
    public static Optional<StoreConfig> twin(StoreConfig store, Collection<StoreConfig> stores) {
        StorePlace place = of(store);
        return stores.stream()
                .filter(other -> !other.name().equals(store.name()) && of(other).equals(place))
                .findFirst();
    }

    /** Through symbolic links, as far as the directory exists. */
    private static String real(String path) {
        try {
            Path normal = Path.of(path).normalize();
            for (Path at = normal; at != null; at = at.getParent()) {
                if (at.toFile().exists()) {
                    return at.toRealPath().resolve(at.relativize(normal)).normalize().toString();
                }
            }
            return normal.toString();
        } catch (InvalidPathException | IOException e) {
            return path;
        }
    }
}
