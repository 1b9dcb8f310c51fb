package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.ClientText;
import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamedDatabasesTest {
    private static boolean names(String body, String database) {
        return NamedDatabases.names(ClientText.of(body), database, false);
    }

    @Test
    void bodies_that_name_a_database_are_told_from_others() {
        for (String body : List.of(
                "DELETE FROM x.log", "DELETE FROM `x` . `log`", "DELETE FROM \"x\".\"log\"", "SELECT x\n  .f()", "SET @s = 'DELETE FROM x.log'", "x.ü")) {
            assertThat(names(body, "x")).as(body).isTrue();
        }
        for (String body : List.of(
                "DELETE FROM ax.log", "DELETE FROM a.x.log", "DEFINER=`u`@`x.org`", "SET @x = 1.5", "DELETE FROM log; -- x.", "SELECT `a x`.b", "SELECT X.b")) {
            assertThat(names(body, "x")).as(body).isFalse();
        }
        assertThat(NamedDatabases.names(ClientText.of("SELECT X.b"), "x", true)).isTrue();
        assertThat(names("DELETE FROM `a``b`.log", "a`b")).isTrue();
        assertThat(NamedDatabases.names(ClientText.of("DELETE FROM лавка.t".getBytes(Charset.forName("KOI8-R")), "koi8r"), "лавка", false)).isTrue();
    }
}
