package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.ClientText;
import java.nio.charset.Charset;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NamedDatabasesTest {
    private static boolean names(String body, String database) {
        return NamedDatabases.named(ClientText.of(body), false).test(database);
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
        assertThat(NamedDatabases.named(ClientText.of("SELECT X.b"), true).test("x")).isTrue();
        assertThat(NamedDatabases.named(ClientText.of("DELETE FROM ЛАВΚΑΣ.t"), true).test("лавκας")).isTrue();
        assertThat(names("DELETE FROM `a``b`.log", "a`b")).isTrue();
        assertThat(NamedDatabases.named(ClientText.of("DELETE FROM лавка.t".getBytes(Charset.forName("KOI8-R")), "koi8r"), false).test("лавка")).isTrue();
        assertThat(names("DELETE FROM `a-b`.log", "a-b")).isTrue();
    }

    /** Hundreds of times what a pattern for each would take. */
    @Test
    @Timeout(10)
    void many_databases_and_routines_are_a_matter_of_seconds() {
        String body = "UPDATE stock SET amount = amount - 1 WHERE id = NEW.id; ".repeat(40);
        for (boolean caseless : new boolean[] {false, true}) {
            for (int routine = 0; routine < 400; routine++) {
                Predicate<String> named = NamedDatabases.named(ClientText.of(body), caseless);
                assertThat(IntStream.range(0, 400).mapToObj(number -> "tenant-" + number).filter(named)).isEmpty();
            }
        }
    }
}
