package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForeignKeysTest {
    @Test
    void each_key_gets_a_statement_whatever_names_look_like() {
        String table = "ALTER TABLE `ADD ``, ADD CONSTRAINT ` ";
        String first = "ADD CONSTRAINT `a``, ADD CONSTRAINT ` FOREIGN KEY (`x`, `y`) REFERENCES `p` (`x`, `y`) ON DELETE CASCADE";
        String second = "ADD CONSTRAINT `b` FOREIGN KEY (`, ADD CONSTRAINT `) REFERENCES `q`.`p` (`ADD `)";
        assertThat(ForeignKeys.split(table + first)).containsExactly(table + first);
        assertThat(ForeignKeys.split(table + first + ", " + second)).containsExactly(table + first, table + second);
    }
}
