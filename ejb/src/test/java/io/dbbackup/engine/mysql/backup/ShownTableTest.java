package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ShownTableTest {
    private static byte[] bytes(String shown) {
        return shown.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void what_is_utf8_stays_as_it_is() {
        String shown = "CREATE TABLE `ö` (\n  `🙈` varbinary(9) DEFAULT 'ä\\\\''' COMMENT 'ü'\n) COMMENT='ß'";
        assertThat(ShownTable.text(shown.getBytes(StandardCharsets.UTF_8))).contains(shown);
    }

    @Test
    void constants_that_are_no_utf8_become_digits_and_nothing_else_does() {
        assertThat(ShownTable.text(bytes("`a DEFAULT '\u00c3\u00bf` binary(4) DEFAULT '\u00ff\\0''\\n\\r\\\\\u001a\"' COMMENT ' DEFAULT ''\u00c3\u00bf\\'''")))
                .contains("`a DEFAULT 'ÿ` binary(4) DEFAULT 0xff00270a0d5c1a22 COMMENT ' DEFAULT ''ÿ\\'''");
        assertThat(ShownTable.text(bytes("AS (concat(`_binary`,_binary'\u00ff\\'\\Z',_latin1'\u00c3\u00bf',_latin1 '\u00e4')) STORED")))
                .contains("AS (concat(`_binary`,_binary 0xff271a,_latin1'ÿ',_latin1 0xe4)) STORED");
    }

    @Test
    void what_may_not_be_digits_is_no_text() {
        assertThat(ShownTable.text(bytes("`a` int COMMENT '\u00ff'"))).isEmpty();
        assertThat(ShownTable.text(bytes("AS (concat('\u00ff'))"))).isEmpty();
        assertThat(ShownTable.text(bytes("`\u00ff` int DEFAULT '\u00ff'"))).isEmpty();
    }
}
