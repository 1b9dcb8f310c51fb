package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;

class ViewTextTest {
    @Test
    void its_database_goes_where_it_cannot_be_anything_else_and_constants_stay() {
        assertThat(ViewText.here(
                        "CREATE VIEW `v` AS select `a``b`.`t`.`id` AS `id`,`a``b`.`f`(`t`.`x`) AS `y`,'`a``b`.`t`.`id` it''s \\' `a``b`.`t`.`id`'"
                                + " AS `z`,`a``b`.`id` AS `alias`,`other`.`t`.`id` AS `w` from `t`",
                        "a`b"))
                .isEqualTo("CREATE VIEW `v` AS select `t`.`id` AS `id`,`f`(`t`.`x`) AS `y`,'`a``b`.`t`.`id` it''s \\' `a``b`.`t`.`id`'"
                        + " AS `z`,`a``b`.`id` AS `alias`,`other`.`t`.`id` AS `w` from `t`");
    }

    @Test
    void its_database_goes_before_sequences() {
        assertThat(ViewText.here(
                        "CREATE VIEW `v` AS select nextval(`a`.`s`) AS `n`,lastval(`a`.`s`) AS `l`,setval(`a`.`s`,5,1,0) AS `x`,"
                                + "nextval(`b`.`s`) AS `o`,`a`.`nextval`(`a`.`id`) AS `f`,'nextval(`a`.`s`)' AS `c`,nextval(`s`) AS `h`",
                        "a"))
                .isEqualTo("CREATE VIEW `v` AS select nextval(`s`) AS `n`,lastval(`s`) AS `l`,setval(`s`,5,1,0) AS `x`,"
                        + "nextval(`b`.`s`) AS `o`,`nextval`(`a`.`id`) AS `f`,'nextval(`a`.`s`)' AS `c`,nextval(`s`) AS `h`");
    }

    @Test
    void backslashes_that_the_server_puts_into_characters_go_and_others_stay() {
        String shown = "CREATE VIEW `v` AS select '誠\\乗\\\\\\\\'x' AS `a`,'\\\\b' AS `乗`";
        String meant = "CREATE VIEW `v` AS select '誠乗\\\\\\'x' AS `a`,'\\\\b' AS `乗`";
        assertThat(ViewText.singleBackslashes(shown, Charset.forName("GBK"), meant)).isEqualTo(meant);
        assertThat(ViewText.singleBackslashes(meant, Charset.forName("GBK"), meant)).isEqualTo(meant);
    }
}
