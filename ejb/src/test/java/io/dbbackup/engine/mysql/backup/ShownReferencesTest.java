package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShownReferencesTest {
    private static final List<ShownReferences.Pair> PAIRS = List.of(
            new ShownReferences.Pair("c", "to`p", "x`y", "i`d"),
            new ShownReferences.Pair("c", "to`p", "z", "`"),
            new ShownReferences.Pair("c", "a``b", "x`y", "i`d"),
            new ShownReferences.Pair("c", "a`b", "z", "z"));

    private static final String RIGHT = """
            CREATE TABLE `c` (
              `x``y` int(11) DEFAULT NULL COMMENT 'CONSTRAINT `to`p` FOREIGN KEY (`x`y`',
              KEY `k``k` (`x``y`),
              CONSTRAINT `a````b` FOREIGN KEY (`x``y`) REFERENCES `a``b`.`pa``r` (`i``d`) ON DELETE CASCADE,
              CONSTRAINT `a``b` FOREIGN KEY (`z`) REFERENCES `p` (`z`),
              CONSTRAINT `to``p` FOREIGN KEY (`x``y`, `z`) REFERENCES `pa``r` (`i``d`, ````) ON UPDATE CASCADE,
              CONSTRAINT `ch``eck` CHECK (`z` > 1)
            ) ENGINE=InnoDB""";

    @Test
    void names_that_the_server_did_not_quote_are_quoted() {
        // as MariaDB 11.4.5 shows it
        String shown = RIGHT
                .replace("`a``b` FOREIGN KEY (`z`)", "`a`b` FOREIGN KEY (`z`)")
                .replace("`a````b` FOREIGN KEY (`x``y`)", "`a``b` FOREIGN KEY (`x`y`)").replace("`pa``r` (`i``d`) ON", "`pa``r` (`i`d`) ON")
                .replace("`to``p` FOREIGN KEY (`x``y`, `z`)", "`to`p` FOREIGN KEY (`x`y`, `z`)").replace("(`i``d`, ````)", "(`i`d`, ```)");
        assertThat(shown).isNotEqualTo(RIGHT);
        assertThat(ShownReferences.quoted(PAIRS, shown)).isEqualTo(RIGHT);
    }

    @Test
    void a_name_that_is_referred_to_is_quoted_where_all_others_are_plain() {
        String right = "CREATE TABLE `c` (\n  `a` int(11) DEFAULT NULL,\n  CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `p` (`b``c`)\n) ENGINE=InnoDB";
        List<ShownReferences.Pair> pairs = List.of(new ShownReferences.Pair("c", "fk", "a", "b`c"));
        assertThat(ShownReferences.quoted(pairs, right.replace("b``c", "b`c"))).isEqualTo(right);
        assertThat(ShownReferences.quoted(pairs, right)).isEqualTo(right);
    }

    @Test
    void names_that_the_server_quoted_stay() {
        assertThat(ShownReferences.quoted(PAIRS, RIGHT)).isEqualTo(RIGHT);
    }
}
