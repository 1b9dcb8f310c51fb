package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.Definition;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewOrderTest {
    private static Definition view(String name, String text) {
        return new Definition(Definition.Kind.VIEW, name, "CREATE VIEW `" + name.replace("`", "``") + "` AS " + text);
    }

    @Test
    void a_view_comes_after_the_views_that_it_reads_even_in_a_circle_of_names() {
        List<Definition> views = List.of(
                view("a", "select 1 from `c`"),
                view("b", "select `b``x`.`a` AS `a` from `b``x`"),
                view("b`x", "select 1 AS `a`"),
                view("c", "select 1 AS `a` from `d`"),
                view("d", "select 1"));
        assertThat(ViewOrder.of(views).stream().map(Definition::name)).containsExactly("d", "c", "a", "b`x", "b");
    }
}
