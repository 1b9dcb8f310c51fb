package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.Definition;
import java.nio.charset.Charset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunNamesTest {
    private static Definition view(ClientText text) {
        return new Definition(Definition.Kind.VIEW, "v", "", "", "", "", text);
    }

    @Test
    void databases_that_swap_their_names_do_so_in_definitions_too() {
        RunNames names = new RunNames(Map.of("a", "b", "b", "a", "same", "same"), false);
        assertThat(names.in("a", view(ClientText.of("select 1 from (`a`.`t` join `b`.`t` join `same`.`t`)"))).text())
                .isEqualTo("select 1 from (`b`.`t` join `a`.`t` join `same`.`t`)");
        assertThat(names.inDefault("b", "ALTER TABLE `a` ALTER COLUMN `a` SET DEFAULT nextval(`a`.`s`) + lastval(`same`.`b`)"))
                .isEqualTo("ALTER TABLE `a` ALTER COLUMN `a` SET DEFAULT nextval(`b`.`s`) + lastval(`same`.`b`)");
    }

    @Test
    void a_database_that_keeps_its_name_is_not_tied_to_copies() {
        RunNames names = new RunNames(Map.of("shop", "shop", "crm", "crm_check"), false);
        Definition view = view(ClientText.of("select 1 from `crm`.`t`"));
        assertThat(names.in("shop", view)).isEqualTo(view.written());
        assertThat(names.in("crm", view).text()).isEqualTo("select 1 from `crm_check`.`t`");
        assertThat(names.inDefault("shop", "nextval(`crm`.`s`)")).isEqualTo("nextval(`crm`.`s`)");
    }

    @Test
    void case_counts_where_it_did_in_the_source() {
        Map<String, String> names = Map.of("Shop", "copy", "Same", "Same");
        assertThat(new RunNames(names, true).other("shop")).contains("copy");
        assertThat(new RunNames(names, true).other("same")).isEmpty();
        assertThat(new RunNames(names, false).other("shop")).isEmpty();
    }

    @Test
    void a_view_whose_character_set_lacks_the_new_name_stays() {
        ClientText text = ClientText.of("select 1 from `лавка`.`t`".getBytes(Charset.forName("KOI8-R")), "koi8r");
        assertThat(new RunNames(Map.of("лавка", "店"), false).in("лавка", view(text))).isEqualTo(text);
        assertThat(new RunNames(Map.of("лавка", "лавка2"), false).in("лавка", view(text)).text()).isEqualTo("select 1 from `лавка2`.`t`");
    }
}
