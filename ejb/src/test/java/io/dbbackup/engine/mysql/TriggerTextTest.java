package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TriggerTextTest {
    @Test
    void names_of_its_database_and_neighbours_go_and_the_body_stays() {
        assertThat(TriggerText.here(
                        "CREATE DEFINER=`a``b`@`%` TRIGGER shop . `r.1` BEFORE INSERT\n ON `shop`.t for each row"
                                + " PRECEDES shop.other SET @x = 'ON shop.t'"))
                .isEqualTo("CREATE DEFINER=`a``b`@`%` TRIGGER `r.1` BEFORE INSERT\n ON t for each row SET @x = 'ON shop.t'");
        assertThat(TriggerText.here("CREATE DEFINER=`role` TRIGGER \"a\".\"b\" AFTER DELETE ON \"t\" FOR EACH ROW BEGIN END"))
                .isEqualTo("CREATE DEFINER=`role` TRIGGER \"b\" AFTER DELETE ON \"t\" FOR EACH ROW BEGIN END");
    }

    @Test
    void a_trigger_without_such_names_is_what_it_was() {
        String plain = "CREATE DEFINER=`root`@`localhost` TRIGGER ä AFTER UPDATE ON t FOR EACH ROW SET @x = 1";
        assertThat(TriggerText.here(plain)).isEqualTo(plain);
    }
}
