package io.dbbackup.service.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Hooks;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.Problem;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.Selection;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.backup.SourceCheck.Outlook;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an account lacks is said before any backup is begun. */
class SourceCheckTest {
    private final RunFixture fixture = new RunFixture(new PostgresEngine(), new MariadbEngine());
    private final SourceCheck check = new SourceCheck(fixture.configuration, fixture.access);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void of_a_postgresql_each_policy_is_told_what_its_backup_would_lack() throws IOException {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            server.psql("postgres", "CREATE ROLE reader LOGIN PASSWORD 'reader'");
            server.psql("postgres", "CREATE DATABASE shop");
            server.psql("shop", "CREATE TABLE secret (id int); CREATE TABLE open (id int); GRANT SELECT ON open TO reader");
            configure("postgresql", server.host(), server.port(), "postgres", Map.of("sslmode", "disable"));

            assertThat(check.outlooks("cluster")).singleElement().satisfies(everything -> {
                assertThat(everything.policy()).isEmpty();
                lacks(everything, "password hashes of roles");
            });

            policy("nightly", "shop");
            policy("other", "postgres");
            assertThat(check.outlooks("cluster")).extracting(outlook -> outlook.policy().orElseThrow())
                    .containsExactlyInAnyOrder("nightly", "other");
            lacks(of("nightly"), "table public.secret");
            assertThat(of("other").problem()).isEmpty();

            server.psql("shop", "GRANT SELECT ON secret TO reader");
            assertThat(of("nightly").problem()).isEmpty();
            assertThat(fixture.runs.list(Optional.empty(), List.of(), Optional.empty(), 1)).isEmpty();
        }
    }

    @Test
    void of_a_mariadb_the_privileges_are_named() throws IOException {
        try (MysqlInstance server = MysqlInstance.start()) {
            server.sql("mysql", "CREATE DATABASE shop; CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader';"
                    + " GRANT SELECT, SHOW VIEW, RELOAD ON *.* TO reader@'127.0.0.1'");
            configure("mariadb", server.host(), server.port(), "", Map.of("sslMode", "DISABLED"));
            policy("nightly", "shop");

            lacks(of("nightly"), "lacks EVENT, TRIGGER on `shop`.*");
            String recommended = "\nGRANT PROCESS ON *.* TO `reader`@`127.0.0.1`;\nWithout PROCESS partitions";
            assertThat(of("nightly").problem().orElseThrow().remedy())
                    .startsWith("Execute on the source:\nGRANT EVENT, TRIGGER ON `shop`.* TO `reader`@`127.0.0.1`;\nWithout one of them")
                    .contains("not required:" + recommended);

            server.sql("mysql", "GRANT EVENT, TRIGGER ON *.* TO reader@'127.0.0.1'");
            assertThat(of("nightly").problem()).isEmpty();
            assertThat(of("nightly").warnings()).singleElement().asString().contains("lacks PROCESS on *.*, and a backup does without." + recommended);

            server.sql("mysql", "GRANT PROCESS ON *.* TO reader@'127.0.0.1'");
            assertThat(of("nightly").warnings()).isEmpty();
        }
    }

    private Outlook of(String policy) {
        return check.outlooks("cluster").stream()
                .filter(outlook -> outlook.policy().equals(Optional.of(policy)))
                .findFirst()
                .orElseThrow();
    }

    private static void lacks(Outlook outlook, String what) {
        Problem problem = outlook.problem().orElseThrow();
        assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
        assertThat(problem.cause()).contains(what);
        assertThat(problem.remedy()).isNotEmpty();
    }

    private void configure(String engine, String host, int port, String database, Map<String, String> options)
            throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), "reader");
        fixture.configuration.save(new SourceConfig(
                "cluster", engine, host, port, "reader",
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), database, Optional.of("UTC"), options));
    }

    private void policy(String name, String database) {
        fixture.configuration.save(new PolicyConfig(
                name, "cluster", "store", List.of(database), List.of(), "zstd", 1, 1 << 20, 0, false, false,
                Optional.empty(), List.of(), List.of(), Map.of(), Selection.WHOLE, Hooks.NONE));
    }
}
