package io.dbbackup.store.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartSizesTest {
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;
    private static final long CONFIGURED = 8 * MIB;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 8 * MIB, 70_000 * MIB, 80_000 * MIB, TIB, 5 * TIB})
    void ten_thousand_parts_hold_a_blob_of_known_size(long bytes) {
        PartSizes sizes = PartSizes.of(CONFIGURED, OptionalLong.of(bytes), true);
        assertThat(parts(sizes, bytes)).isLessThanOrEqualTo(9_001);
        assertThat(sizes.of(1)).isEqualTo((int) Math.max(CONFIGURED, (bytes / 9000 / MIB + 1) * MIB));
        assertThat(sizes.of(Math.max(1, parts(sizes, bytes)))).as("all have one size").isEqualTo(sizes.of(1));
    }

    @Test
    void ten_thousand_parts_hold_the_largest_blob_of_unknown_size() {
        PartSizes sizes = PartSizes.of(CONFIGURED, OptionalLong.empty(), true);
        assertThat(parts(sizes, 5 * TIB)).isLessThanOrEqualTo(PartSizes.MOST_PARTS);
        assertThat(sizes.of(800)).isEqualTo((int) CONFIGURED);
        assertThat(sizes.of(parts(sizes, 18L << 30))).as("at 18 GiB").isLessThanOrEqualTo((int) (16 * MIB));
    }

    @Test
    void a_hint_that_was_too_low_does_not_end_the_upload() {
        PartSizes sizes = PartSizes.of(CONFIGURED, OptionalLong.of(1000 * MIB), true);
        assertThat(parts(sizes, TIB)).isLessThanOrEqualTo(PartSizes.MOST_PARTS);
    }

    @Test
    void parts_keep_their_size_where_they_must() {
        PartSizes sizes = PartSizes.of(CONFIGURED, OptionalLong.empty(), false);
        assertThat(sizes.of(PartSizes.MOST_PARTS)).isEqualTo((int) CONFIGURED);
    }

    private static int parts(PartSizes sizes, long bytes) {
        int parts = 0;
        for (long held = 0; held < bytes; ) {
            held += sizes.of(++parts);
        }
        return parts;
    }
}
