package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrimaryKeyCheckTest {
    private static final String TABLE = "CREATE TABLE `t` (\n  `PRIMARY KEY (` int(11) DEFAULT NULL COMMENT 'UNIQUE KEY  PRIMARY KEY ('%s\n) ENGINE=%s DEFAULT CHARSET=utf8mb4";

    private static boolean keyless(String key, String engine, boolean takesUnique) {
        return PrimaryKeyCheck.keyless(TABLE.formatted(key, engine), takesUnique);
    }

    @Test
    void tables_without_the_key_that_a_server_insists_on_are_told_from_others() {
        assertThat(keyless("", "InnoDB", true)).isTrue();
        assertThat(keyless("", "InnoDB", false)).isTrue();
        assertThat(keyless("", "MyISAM", true)).isFalse();
        assertThat(keyless("", "MyISAM", false)).isTrue();
        assertThat(keyless(",\n  UNIQUE KEY `u` (`PRIMARY KEY (`)", "InnoDB", true)).isTrue();
        String more = ",\n  `a, ``b` varchar(9) NOT NULL COMMENT 'x',\n  `c` int(11) NOT NULL,\n  KEY `k` (`c`)";
        assertThat(keyless(more, "InnoDB", true)).isTrue();
        assertThat(keyless(more + ",\n  UNIQUE KEY `u` (`c`,`PRIMARY KEY (`)", "InnoDB", true)).isTrue();
        assertThat(keyless(more + ",\n  UNIQUE KEY `PRIMARY KEY (` (`c`,`a, ``b`(3))", "InnoDB", true)).isFalse();
        assertThat(keyless(more + ",\n  UNIQUE KEY `u` (`c`) USING HASH COMMENT 'not `z` (nor `y`)'", "InnoDB", true)).isFalse();
        assertThat(keyless(more + ",\n  UNIQUE KEY `u` (`c`,`p` WITHOUT OVERLAPS)", "InnoDB", true)).isFalse();
        assertThat(keyless(more + ",\n  UNIQUE KEY `u` (`p`)", "InnoDB", true)).isTrue();
        assertThat(keyless(",\n  UNIQUE KEY `u` (`PRIMARY KEY (`)", "InnoDB", false)).isTrue();
        assertThat(keyless(",\n  PRIMARY KEY (`PRIMARY KEY (`)", "InnoDB", false)).isFalse();
    }
}
