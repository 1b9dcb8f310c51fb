package io.dbbackup.engine.mysql;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A MariaDB that logs statements, so that rows go in by LOAD DATA. */
@EnabledIfSystemProperty(named = "dbbackup.tests", matches = "full")
class MariadbLoadDataTest extends MariadbRoundTripTest {
    @Override
    Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("binlog-format", "STATEMENT");
        return settings;
    }
}
