package io.dbbackup.store.gcs;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Stores on a {@link FakeGcs}. */
final class GcsPeer {
    private GcsPeer() {}

    /** Settings of a store below a prefix of its own, which is empty. */
    static Map<String, String> settings(int port) {
        Map<String, String> settings = new HashMap<>();
        settings.put("endpoint", "http://127.0.0.1:" + port);
        settings.put("bucket", FakeGcs.BUCKET);
        settings.put("prefix", "test/" + UUID.randomUUID());
        settings.put("serviceAccountKeySecret", "file:/etc/dbbackup/gcs.json");
        settings.put("partBytes", "5M");
        return settings;
    }

    static GcsStore store(Map<String, String> settings, String keyFile) {
        return (GcsStore) new GcsStoreProvider().open(settings, reference -> Optional.of(keyFile));
    }
}
