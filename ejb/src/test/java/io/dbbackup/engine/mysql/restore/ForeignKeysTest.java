package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.sql.SQLException;
import java.util.Optional;
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

    @Test
    void a_key_that_newer_servers_refuse_is_not_called_broken() {
        assertThat(ForeignKeys.remedy(refused(6125), true)).contains("restrict_fk_on_non_standard_key", "SESSION_VARIABLES_ADMIN").doesNotContain("broken");
        assertThat(ForeignKeys.remedy(refused(1822), true)).contains("broken");
        assertThat(ForeignKeys.remedy(refused(1822), false)).contains("The target does not take it").doesNotContain("source");
    }

    private static BackupException refused(int number) {
        return new BackupException(ErrorCode.DATABASE_STATEMENT_FAILED, "refused", "none", new SQLException("refused", "HY000", number));
    }

    @Test
    void databases_of_tables_elsewhere_get_other_names_and_nothing_else_does() {
        String keys = "ALTER TABLE `t REFERENCES ` ADD CONSTRAINT `a REFERENCES ``q``.` FOREIGN KEY (` REFERENCES `) REFERENCES `p` (`q`),"
                + " ADD CONSTRAINT `b` FOREIGN KEY (`x`) REFERENCES `q`.`q` (`x`), ADD CONSTRAINT `c` FOREIGN KEY (`x`) REFERENCES `o``o`.`p` (`x`)";
        assertThat(ForeignKeys.elsewhere(keys)).containsExactly(new ForeignKeys.Reference("q", "q"), new ForeignKeys.Reference("o`o", "p"));
        assertThat(ForeignKeys.with(keys, name -> Optional.of("`new " + name.replace("`", "``") + "`")))
                .isEqualTo(keys.replace("`q`.`q` (", "`new q`.`q` (").replace("REFERENCES `o``o`.", "REFERENCES `new o``o`."));
        assertThat(ForeignKeys.with(keys, name -> Optional.empty())).isEqualTo(keys);
    }
}
