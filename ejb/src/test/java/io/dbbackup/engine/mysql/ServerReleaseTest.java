package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ServerFacts;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerReleaseTest {
    @Test
    void current_rows_of_versioned_tables_end_later_since_mariadb_11_5() {
        ServerRelease late = new ServerRelease(Vendor.MARIADB, "11.8.2-MariaDB", 1108);
        assertThat(late.endsTimeLaterThan(facts(1104))).isTrue();
        assertThat(late.endsTimeLaterThan(facts(1011))).isTrue();
        assertThat(late.endsTimeLaterThan(facts(1105))).isFalse();
        assertThat(new ServerRelease(Vendor.MARIADB, "11.4.5-MariaDB", 1104).endsTimeLaterThan(facts(1011))).isFalse();
        assertThat(new ServerRelease(Vendor.MYSQL, "12.0.1", 1200).endsTimeLaterThan(facts(800))).isFalse();
    }

    private static ServerFacts facts(int series) {
        return new ServerFacts("mariadb", "of series " + series, series, "1", "UTC", Map.of());
    }
}
