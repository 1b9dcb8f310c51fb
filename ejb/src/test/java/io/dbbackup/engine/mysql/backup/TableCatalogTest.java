package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.Selection;
import io.dbbackup.throwaway.MysqlInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tables whose definitions change while they are listed. */
class TableCatalogTest {
    private static MysqlInstance server;

    @BeforeAll
    static void start() {
        server = MysqlInstance.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Session session(String database) {
        return Session.open(
                new Endpoint(
                        "test", "mariadb", server.host(), server.port(), server.user(), () -> Optional.of(server.password()), "",
                        Map.of("sslMode", "DISABLED")),
                database, "test");
    }

    @Test
    void no_column_is_in_the_definition_alone() {
        server.sql("mysql", "CREATE DATABASE altered; CREATE TABLE altered.t (id int PRIMARY KEY, a int, g int AS (a + 1), h int INVISIBLE) WITH SYSTEM VERSIONING;"
                + " CREATE TABLE altered.u (`a``,\n(` int, b int, s timestamp(6) GENERATED ALWAYS AS ROW START, e timestamp(6) GENERATED ALWAYS AS ROW END,"
                + " PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING");
        try (Session session = session("altered")) {
            TableChoice choice = new TableChoice(session.sql(), "altered", Selection.WHOLE);
            TableCatalog first = new TableCatalog(session.sql(), Vendor.MARIADB, "altered", choice, warning -> {});
            List<Definition> definitions = new ArrayList<>();
            assertThat(first.read(definitions::add)).hasSize(2);
            TableCatalog second = new TableCatalog(session.sql(), Vendor.MARIADB, "altered", choice, warning -> {});
            server.sql("altered", "SET SESSION system_versioning_alter_history = KEEP; ALTER TABLE t ADD COLUMN b int DEFAULT 7");
            assertThatThrownBy(() -> second.read(definitions::add)).hasMessageContaining("SNAPSHOT_LOST").hasMessageContaining("table t ");
        }
    }
}
