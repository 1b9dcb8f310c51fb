package io.dbbackup.engine.mysql;

import io.dbbackup.model.Endpoint;
import io.dbbackup.throwaway.MysqlInstance;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a server says to the stock client about its databases. */
record ServerText(MysqlInstance server) {
    Endpoint endpoint(String engine) {
        return endpoint(engine, "DISABLED");
    }

    Endpoint endpoint(String engine, String sslMode) {
        return new Endpoint(
                "test", engine, server.host(), server.port(), server.user(), () -> Optional.of(server.password()), "",
                Map.of("sslMode", sslMode));
    }

    String tables(String database) {
        return server.sql(database, "SELECT table_name FROM information_schema.tables WHERE table_schema = '" + database
                + "' AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name");
    }

    /** Checksums by the server, without the name of the database; of a versioned table only what is valid now. */
    String checksums(String database) {
        String tables = tables(database).lines()
                .map(table -> "`" + table.replace("`", "``") + "`")
                .collect(Collectors.joining(", "));
        return server.sql(database, "CHECKSUM TABLE " + tables + " EXTENDED")
                .replace(database + ".", "");
    }

    /** Everything that SHOW CREATE says about what is in a database. */
    String definitions(String database) {
        String objects = server.sql(database, """
                SELECT concat(if(table_type = 'SEQUENCE', 'SEQUENCE', 'TABLE'), ' `', replace(table_name, '`', '``'), '`')
                    FROM information_schema.tables
                    WHERE table_schema = database() AND table_type <> 'VIEW' ORDER BY 1;
                SELECT concat('VIEW `', table_name, '`') FROM information_schema.views
                    WHERE table_schema = database() AND table_name <> 'broken' ORDER BY 1;
                SELECT concat(routine_type, ' `', routine_name, '`') FROM information_schema.routines
                    WHERE CAST(routine_schema AS BINARY) = database() ORDER BY 1;
                SELECT concat('TRIGGER `', trigger_name, '`') FROM information_schema.triggers
                    WHERE CAST(trigger_schema AS BINARY) = database() ORDER BY event_object_table, action_timing, event_manipulation, action_order;
                SELECT concat('EVENT `', event_name, '`') FROM information_schema.events
                    WHERE CAST(event_schema AS BINARY) = database() ORDER BY 1;
                """);
        String all = server.sql(database, objects.lines()
                .map(object -> "SHOW CREATE " + object + ";\n").collect(Collectors.joining()));
        // when a trigger was created is no part of what it is; and once a statement named the collation, MySQL names the
        // character set, too
        return all
                .replaceAll("CHARACTER SET \\w+ COLLATE", "COLLATE")
                .replace("`" + database + "`.", "")
                .replaceAll("\\t\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\n", "\n");
    }
}
