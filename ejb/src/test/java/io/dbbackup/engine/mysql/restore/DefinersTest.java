package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DefinersTest {
    @Test
    void only_the_definer_goes_whatever_its_name_is() {
        assertThat(Definers.without("CREATE DEFINER=`a`@`%` PROCEDURE `p`() SELECT 'DEFINER=`a`@`%` '"))
                .isEqualTo("CREATE PROCEDURE `p`() SELECT 'DEFINER=`a`@`%` '");
        assertThat(Definers.without("CREATE ALGORITHM=UNDEFINED DEFINER=`o``x y`@`10.%` SQL SECURITY DEFINER VIEW `v` AS select 1"))
                .isEqualTo("CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1");
        assertThat(Definers.without("CREATE DEFINER=`role` EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1"))
                .isEqualTo("CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1");
        assertThat(Definers.without("CREATE VIEW `v` AS select 'DEFINER=`a`@`b` '"))
                .isEqualTo("CREATE VIEW `v` AS select 'DEFINER=`a`@`b` '");
    }
}
