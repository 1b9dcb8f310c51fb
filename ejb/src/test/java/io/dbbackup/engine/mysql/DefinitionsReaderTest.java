package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.Definition.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefinitionsReaderTest {
    private static List<Definition> read(byte[] script) throws IOException {
        List<Definition> found = new ArrayList<>();
        DefinitionsReader.read(new ByteArrayInputStream(script), found::add);
        return found;
    }

    @Test
    void statements_of_older_sets_are_utf8() throws IOException {
        String statement = "CREATE FUNCTION f() RETURNS text RETURN 'größe'";
        String script = """
                SET NAMES utf8mb4;

                -- dbbackup {"kind":"ROUTINE","name":"f","sqlMode":"ANSI","collation":"latin1_bin","timeZone":"","bytes":%d}
                SET SESSION sql_mode = 'ANSI';
                DELIMITER $$
                %s
                $$
                DELIMITER ;
                """.formatted(statement.getBytes(StandardCharsets.UTF_8).length, statement);
        assertThat(read(script.getBytes(StandardCharsets.UTF_8))).containsExactly(
                new Definition(Kind.ROUTINE, "f", "ANSI", "latin1_bin", "", "", ClientText.of(statement)));
    }

    @Test
    void statements_of_other_character_sets_keep_their_bytes_also_those_that_mean_nothing() throws IOException {
        byte[] gbk = "SET @x = '誠乗$$'".getBytes(Charset.forName("GBK"));
        byte[] broken = {'D', 'O', ' ', '1', ' ', '/', '*', (byte) 0xff, (byte) 0xc3, '*', '/'};
        List<Definition> written = List.of(
                new Definition(Kind.TRIGGER, "誠", "", "gbk_chinese_ci", "latin1_german1_ci", "", ClientText.of(gbk, "gbk")),
                new Definition(Kind.EVENT, "e", "", "utf8mb3_bin", "", "SYSTEM", ClientText.of(broken, "utf8mb3")));
        byte[] script;
        try (DefinitionsSource source = new DefinitionsSource(
                written.iterator(), "/*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */ COMMENT 'ü'")) {
            script = source.stream().readAllBytes();
        }
        assertThat(read(script)).isEqualTo(written);
        assertThat(written.get(0).statement()).contains("誠乗");
        assertThat(written.get(0).written().bytes()).isEqualTo(gbk);
        assertThat(written.get(1).written().bytes()).isEqualTo(broken);
        assertThat(new String(script, StandardCharsets.ISO_8859_1)).contains(
                "\n\\C gbk\nSET SESSION ", "ALTER DATABASE COLLATE `latin1_german1_ci`;\nDELIMITER $1$\n",
                "\n$1$\nDELIMITER ;\nALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n\\C utf8mb4\n");
    }

    @Test
    void a_database_gets_its_own_collation_again_and_nothing_else_of_it_is_said() {
        for (String more : List.of("", " COMMENT 'it''s CHARACTER SET latin1'", " /*!80016 DEFAULT ENCRYPTION='N' */")) {
            assertThat(DefinitionsSource.alterDatabaseBack("/*!40100 DEFAULT CHARACTER SET latin1 */" + more))
                    .isEqualTo("ALTER DATABASE CHARACTER SET latin1");
        }
    }
}
