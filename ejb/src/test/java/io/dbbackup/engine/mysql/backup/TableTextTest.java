package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTextTest {
    private static final String TABLE = """
            CREATE TABLE `t ``x (
            ` (
              `a,
              KEY` int(11) NOT NULL COMMENT 'it''s, \\'(\\n',
              `b` varchar(10) DEFAULT concat('(',',
            '),
              PRIMARY KEY (`a,
              KEY`),
              UNIQUE KEY `u` (`b`(5),`a,
              KEY`) USING BTREE,
              KEY `k``1` (`b`),
              CONSTRAINT `f``k` FOREIGN KEY (`b`) REFERENCES `o` (`x`) ON DELETE CASCADE,
              CONSTRAINT `c` CHECK (`b` <> ',\\n)')
            ) ENGINE=InnoDB COMMENT='a,
            )'
             PARTITION BY KEY (`b`)
            (PARTITION `p0` ENGINE = InnoDB,
             PARTITION `p1` ENGINE = InnoDB)""";

    @Test
    void a_table_falls_into_its_elements_and_back_again_whatever_is_in_quotes() {
        TableText text = TableText.of(TABLE);
        assertThat(text.elements()).hasSize(7);
        assertThat(text.statement(text.elements())).isEqualTo(TABLE);
    }

    @Test
    void a_tablespace_hides_no_counter_and_a_comment_is_none() {
        String columns = "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)";
        for (String space : List.of("", "/*!50100 TABLESPACE `ts ``1` */ ", "/*!50100 TABLESPACE `ts1` STORAGE DISK */ ")) {
            String table = columns + "\n) " + space + "ENGINE=InnoDB AUTO_INCREMENT=700 COMMENT='x'";
            assertThat(TableText.of(table).counter()).contains("700");
            TableText without = TableText.of(table).withoutCounter();
            assertThat(without.statement(without.elements())).isEqualTo(table.replace(" AUTO_INCREMENT=700", ""));
        }
        String comment = columns + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='as ENGINE=MyISAM AUTO_INCREMENT=5'";
        assertThat(TableText.of(comment).counter()).isEmpty();
        assertThat(TableText.of(comment).withoutCounter()).isEqualTo(TableText.of(comment));
    }

    @Test
    void keys_and_foreign_keys_are_told_from_everything_else() {
        TableText text = TableText.of(TABLE);
        assertThat(text.elements().stream().filter(TableText::isKey).map(TableText::firstColumn)).containsExactly("`b`", "`b`");
        assertThat(text.elements().stream().filter(TableText::isForeignKey)).hasSize(1);
        assertThat(text.elements().stream().filter(TableText::isColumn).map(TableText::columnName))
                .containsExactly("`a,\n  KEY`", "`b`");
    }

    @Test
    void how_a_column_is_computed_is_told_from_quotes_and_from_periods() {
        assertThat(TableText.generation("`a` varchar(9) GENERATED ALWAYS AS (concat(`x)`,')',\"(\")) STORED NOT NULL COMMENT 'VIRTUAL'"))
                .contains(new TableText.Generation("concat(`x)`,')',\"(\")", true));
        assertThat(TableText.generation("`b` date GENERATED ALWAYS AS (cast(`at` as date)) VIRTUAL"))
                .contains(new TableText.Generation("cast(`at` as date)", false));
        assertThat(TableText.generation("`c` varchar(99) DEFAULT ' GENERATED ALWAYS AS (1)'")).isEmpty();
        assertThat(TableText.generation("`e` timestamp(6) GENERATED ALWAYS AS ROW END")).isEmpty();
        assertThat(TableText.generation("KEY `k` (`b`)")).isEmpty();
    }

    @Test
    void keys_on_expressions_are_told_from_keys_on_the_beginning_of_columns() {
        assertThat(TableText.hasExpression("KEY `k((` (`a`(10),`b((`(5)) USING BTREE")).isFalse();
        assertThat(TableText.hasExpression("KEY `k` ((cast(`at` as date)))")).isTrue();
        assertThat(TableText.hasExpression("UNIQUE KEY `k` (`a`(3),(year(`at`)) DESC)")).isTrue();
    }

    @Test
    void what_a_table_needs_beside_its_database_is_found_outside_of_comments() {
        String columns = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL\n) ";
        assertThat(TableText.of(columns + "ENGINE=InnoDB COMMENT='TABLESPACE `x` DATA DIRECTORY=''/a''\\''").needs()).isEmpty();
        assertThat(TableText.of(columns + "/*!50100 TABLESPACE `innodb_system` */ ENGINE=InnoDB").needs()).isEmpty();
        assertThat(TableText.of(columns + "/*!50100 TABLESPACE `a``b` */ ENGINE=InnoDB").needs()).containsExactly("TABLESPACE `a``b`");
        assertThat(TableText.of(columns + "ENGINE=MyISAM DATA DIRECTORY='/d/' INDEX DIRECTORY='/i/'").needs())
                .containsExactly("DATA DIRECTORY", "INDEX DIRECTORY");
        assertThat(TableText.of(columns + "ENGINE=InnoDB\n PARTITION BY HASH (`id`)\n(PARTITION `p0` DATA DIRECTORY = '/d' ENGINE = InnoDB,\n"
                + " PARTITION `p1` DATA DIRECTORY = '/e' ENGINE = InnoDB)").needs()).containsExactly("DATA DIRECTORY");
    }

    @Test
    void partitions_are_told_as_both_vendors_write_them() {
        String table = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  `d` date NOT NULL\n) ENGINE=InnoDB COMMENT='(PARTITION x'";
        assertThat(TableText.of(table + "\n PARTITION BY RANGE (to_days(`d`))\n(PARTITION `p0` VALUES LESS THAN (1) COMMENT = 'PARTITION y' ENGINE = InnoDB,\n"
                + " PARTITION `a ``b` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)").partitions("d")).containsExactly("`p0`", "`a ``b`");
        assertThat(TableText.of(table + "\n/*!50100 PARTITION BY RANGE (`id`)\nSUBPARTITION BY HASH (`id`)\n(PARTITION p0 VALUES LESS THAN (1)\n (SUBPARTITION s0 ENGINE = InnoDB),\n"
                + " PARTITION p1 VALUES LESS THAN MAXVALUE\n (SUBPARTITION s1 ENGINE = InnoDB)) */").partitions("ID")).containsExactly("`p0`", "`p1`");
        assertThat(TableText.of(table + "\n PARTITION BY KEY ()\nPARTITIONS 3").partitions("id")).containsExactly("`p0`", "`p1`", "`p2`");
        assertThat(TableText.of(table + "\n PARTITION BY RANGE (`other`)\n(PARTITION `id` VALUES LESS THAN (1) ENGINE = InnoDB)").partitions("id")).isEmpty();
        assertThat(TableText.of(table).partitions("id")).isEmpty();
        assertThat(TableText.of(table + "\n PARTITION BY LIST  COLUMNS(`a'b`)\n(PARTITION `p0` VALUES IN ('x') ENGINE = InnoDB,\n"
                + " PARTITION `it's` VALUES IN ('z') ENGINE = InnoDB,\n PARTITION `p3` VALUES IN ('w') ENGINE = InnoDB)").partitions("a'b"))
                .containsExactly("`p0`", "`it's`", "`p3`");
    }
}
