package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.restore.SetDatabase.Piece;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadOrderTest {
    private final Map<String, BlobRef> blobs = new LinkedHashMap<>();
    private final Map<String, List<Piece>> pieces = new LinkedHashMap<>();

    /** Adds a table; its blobs are called name/0, name/1 … */
    private LoadOrderTest table(String name, long... bytes) {
        List<PartManifest> parts = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            String blob = name + "/" + i;
            parts.add(new PartManifest(blob, "", "pgcopy-binary", "", bytes[i], Fingerprint.EMPTY));
            blobs.put(blob, new BlobRef(blob, 1, "0".repeat(64), bytes[i], "0".repeat(32), List.of()));
        }
        TableManifest table = new TableManifest("public", name, Fingerprint.EMPTY, "", Json.MAPPER.createObjectNode(), parts);
        parts.forEach(part -> pieces.put(part.blob(), List.of(new Piece(table, part))));
        return this;
    }

    private List<String> order(int workers) {
        return LoadOrder.of(new SetDatabase(null, null, blobs, pieces), workers);
    }

    @Test
    void each_worker_has_a_table_of_its_own_as_long_as_there_is_one() {
        assertThat(table("a", 10, 10, 10).table("b", 10, 10).table("c", 10).order(2))
                .containsExactly("a/0", "b/0", "a/1", "b/1", "a/2", "c/0");
    }

    @Test
    void a_table_that_is_left_alone_gets_all_workers() {
        assertThat(table("big", 10, 10, 10, 10).table("small", 5).order(2))
                .containsExactly("big/0", "small/0", "big/1", "big/2", "big/3");
    }

    @Test
    void more_workers_than_tables_and_a_single_worker_load_everything_once() {
        table("a", 3, 3, 3).table("b", 1);
        assertThat(order(8)).containsExactlyInAnyOrder("a/0", "a/1", "a/2", "b/0");
        assertThat(order(1)).containsExactlyInAnyOrder("a/0", "a/1", "a/2", "b/0");
    }

    @Test
    void bundles_of_small_tables_come_first() {
        table("big", 100);
        TableManifest small = new TableManifest("public", "s", Fingerprint.EMPTY, "", Json.MAPPER.createObjectNode(), List.of());
        pieces.put("bundle", List.of(
                new Piece(small, new PartManifest("bundle", "s.copy", "pgcopy-binary", "", 1, Fingerprint.EMPTY))));
        assertThat(order(2)).containsExactly("bundle", "big/0");
    }
}
