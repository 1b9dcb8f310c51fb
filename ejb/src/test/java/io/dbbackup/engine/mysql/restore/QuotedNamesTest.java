package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuotedNamesTest {
    private static String renamed(String view, String database) {
        return new QuotedNames(view).with(name -> name.equals(database) ? Optional.of("`new`") : Optional.empty());
    }

    @Test
    void databases_get_other_names_and_columns_accounts_and_constants_do_not() {
        String view = "CREATE DEFINER=`x`@`x` SQL SECURITY DEFINER VIEW `x` AS select `x`.`p`.`i``.` AS `x`,`x`.`f`('`x`.`p` \\\\','''', '\\'`x`.') AS `f`,"
                + "nextval(`x`.`s`) AS `n` from ((`x`.`p` join `a`.`t` `q` on(`q`.`i` = `x`.`p`.`i`)) join `x`.`z`)";
        assertThat(renamed(view, "x")).isEqualTo(view.replace("`x`.`p`.", "`new`.`p`.").replace("`x`.`f`", "`new`.`f`").replace("`x`.`s`", "`new`.`s`")
                .replace("(`x`.`p` join", "(`new`.`p` join").replace("join `x`.`z`", "join `new`.`z`"));
        assertThat(renamed(view, "y")).isEqualTo(view);
        assertThat(new QuotedNames(view).databases()).containsExactly("x", "a");
    }

    @Test
    void a_name_that_is_also_that_of_a_table_or_an_alias_stays() {
        for (String view : new String[] {
            "select `x`.`i` AS `i` from `x`.`p` `x`", "select `x`.`i` AS `i` from (`x`.`p` join `a`.`x`)",
            "with `x` as (select 1 AS `i`) select `x`.`i` AS `i` from (`x` join `x`.`p`)"}) {
            assertThat(renamed(view, "x")).isEqualTo(view);
            assertThat(new QuotedNames(view).ambiguous("x")).isTrue();
            assertThat(new QuotedNames(view).databases()).contains("x");
        }
        assertThat(new QuotedNames("select `x`.`i` AS `i` from `p` `x`").databases()).isEmpty();
    }
}
