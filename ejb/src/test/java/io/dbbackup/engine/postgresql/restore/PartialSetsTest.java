package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.Selection.Sections;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sets that hold a part of a database by intention; each ends in a restore and a comparison. */
class PartialSetsTest {
    @TempDir
    private static Path directory;

    private static PostgresInstance server;
    private static int sets;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", "CREATE DATABASE shop");
        server.psql("shop", """
                CREATE SCHEMA "Odd, schema";
                CREATE TYPE state AS ENUM ('new', 'paid');
                CREATE TABLE customer (id serial PRIMARY KEY, name text NOT NULL);
                CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state state NOT NULL,
                    customer int NOT NULL REFERENCES customer, total numeric,
                    twice numeric GENERATED ALWAYS AS (total * 2) STORED);
                COMMENT ON CONSTRAINT orders_customer_fkey ON orders IS 'whose';
                CREATE TABLE item (orders int REFERENCES orders, n int, PRIMARY KEY (orders, n));
                CREATE TABLE log (at timestamptz, what text) PARTITION BY RANGE (at);
                CREATE TABLE log_old PARTITION OF log FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
                CREATE TABLE log_new PARTITION OF log FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
                CREATE TABLE shape (id int, name text);
                CREATE TABLE thing (id int PRIMARY KEY, shape shape);
                CREATE TABLE "Odd, schema"."a.b" ("c ""d" int);
                CREATE VIEW paid AS SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer;
                CREATE VIEW paid_names AS SELECT name FROM paid;
                CREATE MATERIALIZED VIEW per_state AS SELECT state, count(*) FROM orders GROUP BY state;
                CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO log VALUES (now(), ''touched''); RETURN NEW; END';
                INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 500) i;
                INSERT INTO orders (state, customer, total)
                    SELECT (ARRAY['new', 'paid'])[1 + i % 2]::state, 1 + i % 500, i FROM generate_series(1, 3000) i;
                INSERT INTO item SELECT 1 + i % 3000, i FROM generate_series(1, 9000) i;
                INSERT INTO log SELECT '2025-06-01'::timestamptz + i * interval '1 hour', 'entry ' || i
                    FROM generate_series(1, 9000) i;
                INSERT INTO shape VALUES (1, 'round');
                INSERT INTO thing SELECT 2, s FROM shape s;
                INSERT INTO "Odd, schema"."a.b" VALUES (42);
                REFRESH MATERIALIZED VIEW per_state;
                CREATE TRIGGER touch AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touched();
                SELECT lo_from_bytea(4711, 'large');
                """);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Selection tables(List<String> include, List<String> exclude, List<String> noData) {
        return new Selection(Sections.ALL, include, exclude, noData, Optional.empty());
    }

    private static void backedUp(Selection selection, BiConsumer<BlobSetReader, DatabaseManifest> then) {
        try (BackupRun run = new BackupRun(
                BackupRun.endpoint(server), BackupRun.spec(selection, "shop"), directory.resolve("set" + ++sets), 2)) {
            BlobSetReader set = run.complete();
            then.accept(set, set.database(set.manifest().databases().get(0)));
        }
    }

    /** Restores under another name, every item twice, and gives the warnings. */
    private static Set<String> restored(BlobSetReader set, String name) {
        try (RestoreRun run = new RestoreRun(BackupRun.endpoint(server), set, RestoreRun.spec("shop", name), 2)) {
            run.executingTwice(item -> true).complete();
            assertThat(run.differences()).isEmpty();
            return run.warnings();
        }
    }

    private static String ask(String database, String query) {
        return server.psql(database, query).strip();
    }

    private static String md5(String database, String table) {
        return ask(database, "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM " + table + " t");
    }

    @Test
    void a_schema_only_set_restores_every_definition_and_no_row() {
        Selection selection = new Selection(Sections.SCHEMA, List.of(), List.of(), List.of(), Optional.empty());
        backedUp(selection, (set, manifest) -> {
            assertThat(set.manifest().complete()).isFalse();
            assertThat(manifest.tables()).isEmpty();
            restored(set, "schema_only");
            assertThat(ClusterComparison.between(server, server).database("shop", "schema_only").differences())
                    .isNotEmpty()
                    .noneMatch(difference -> difference.contains("pg_dump"));
            assertThat(ask("schema_only", "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM log)"
                            + " + (SELECT count(*) FROM pg_largeobject_metadata)"))
                    .isEqualTo("0");
            assertThat(ask("schema_only", "SELECT nextval('customer_id_seq')")).isEqualTo("1");
        });
    }

    @Test
    void excluded_tables_go_with_the_views_that_read_them_and_everything_else_comes_back() {
        backedUp(tables(List.of(), List.of("customer", "public.log", "shape", "other.*.*"), List.of()), (set, manifest) -> {
            LeftOut left = manifest.leftOut().orElseThrow();
            assertThat(left.tables()).extracting(LeftOut.Relation::name)
                    .containsExactlyInAnyOrder("customer", "log", "log_old", "log_new", "paid", "paid_names");
            assertThat(left.rows()).extracting(LeftOut.Relation::name).containsExactly("shape");
            assertThat(left.foreignKeys()).singleElement()
                    .satisfies(key -> assertThat(key.name()).isEqualTo("orders_customer_fkey"));
            assertThat(restored(set, "excluded")).singleElement().asString().contains("orders_customer_fkey");
            assertThat(ask("excluded", "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class"
                            + " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"))
                    .isEqualTo("item orders orders_id_seq per_state shape thing");
            for (String table : List.of("orders", "item", "thing", "per_state", "\"Odd, schema\".\"a.b\"")) {
                assertThat(md5("excluded", table)).as(table).isEqualTo(md5("shop", table));
            }
            assertThat(ask("excluded", "SELECT count(*) FROM shape")).isEqualTo("0");
            assertThat(ask("excluded", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).isEqualTo("1");
            assertThat(ask("excluded", "SELECT lo_get(4711)")).isEqualTo(ask("shop", "SELECT lo_get(4711)"));
        });
    }

    @Test
    void included_tables_come_with_the_types_and_schemas_that_they_need() {
        backedUp(tables(List.of("orders", "shop.Odd*.\"a.b\"", "log_new"), List.of(), List.of()), (set, manifest) -> {
            assertThat(manifest.tables()).extracting(table -> table.name())
                    .containsExactlyInAnyOrder("orders", "a.b", "log_new");
            restored(set, "included");
            for (String table : List.of("orders", "\"Odd, schema\".\"a.b\"", "log_new", "per_state")) {
                assertThat(md5("included", table)).as(table).isEqualTo(md5("shop", table));
            }
            assertThat(ask("included", "SELECT count(*) FROM pg_largeobject_metadata")).isEqualTo("0");
            assertThat(ask("included", "SELECT to_regclass('customer') IS NULL AND to_regclass('log') IS NOT NULL"
                            + " AND to_regclass('log_old') IS NULL"))
                    .isEqualTo("t");
        });
    }

    @Test
    void tables_without_their_rows_are_empty_and_keys_to_them_hold_for_new_rows_only() {
        backedUp(tables(List.of(), List.of(), List.of("customer", "log")), (set, manifest) -> {
            assertThat(manifest.leftOut().orElseThrow().rows()).extracting(LeftOut.Relation::name)
                    .contains("customer", "log_old", "log_new");
            assertThat(restored(set, "rowless")).singleElement().asString().contains("orders_customer_fkey", "NOT VALID");
            assertThat(md5("rowless", "orders")).isEqualTo(md5("shop", "orders"));
            assertThat(ask("rowless", "SELECT (SELECT count(*) FROM customer) + (SELECT count(*) FROM log)")).isEqualTo("0");
            assertThat(ask("rowless", "SELECT convalidated FROM pg_constraint WHERE conname = 'orders_customer_fkey'"))
                    .isEqualTo("f");
        });
    }

    @Test
    void what_the_role_cannot_read_need_not_be_read_when_it_is_excluded() {
        server.psql("shop", """
                CREATE ROLE reader LOGIN PASSWORD 'reader';
                GRANT USAGE ON SCHEMA "Odd, schema" TO reader;
                GRANT SELECT ON ALL TABLES IN SCHEMA public, "Odd, schema" TO reader;
                GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO reader;
                GRANT SELECT ON LARGE OBJECT 4711 TO reader;
                CREATE TABLE secret (id serial, what text);
                """);
        try {
            Selection without = tables(List.of(), List.of("secret"), List.of());
            try (BackupRun run = new BackupRun(
                    BackupRun.endpoint(server, "reader", "reader"), BackupRun.spec(without, "shop"),
                    directory.resolve("reader"), 2)) {
                assertThat(run.complete().manifest().databases()).hasSize(1);
            }
            try (BackupRun run = new BackupRun(
                    BackupRun.endpoint(server, "reader", "reader"), BackupRun.spec(Selection.WHOLE, "shop"),
                    directory.resolve("reader"), 2)) {
                assertThatThrownBy(() -> run.backup().preflight(run))
                        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                                .isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING));
            }
        } finally {
            server.psql("shop", "DROP TABLE secret");
        }
    }

    private static BackupRun run(Selection selection, String... databases) {
        return new BackupRun(
                BackupRun.endpoint(server), BackupRun.spec(selection, databases), directory.resolve("patterns"), 2);
    }

    @Test
    void patterns_that_match_nothing_are_refused_when_they_include_and_named_when_they_exclude() {
        Selection misspelled = tables(List.of("orders", "Custmer", "shop.public.paid"), List.of(), List.of());
        try (BackupRun run = run(misspelled, "shop", "postgres")) {
            assertThatThrownBy(() -> run.backup().preflight(run))
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER);
                        // a view is not a table whose rows could be taken
                        assertThat(e.problem().cause()).contains("Custmer", "shop.public.paid").doesNotContain("orders");
                    });
        }
        Selection excluded = tables(List.of("orders"), List.of("paid", "nowhere"), List.of("log*", "paid_names"));
        try (BackupRun run = run(excluded, "shop", "postgres")) {
            run.backup().preflight(run);
            assertThat(run.warnings()).singleElement().asString().contains("nowhere", "paid_names").doesNotContain("log");
            run.execute();
            assertThat(run.problems()).isEmpty();
            assertThat(run.warnings()).hasSize(2).anySatisfy(warning ->
                    assertThat(warning).contains("postgres", "included patterns"));
        }
    }

    private static final Selection DATA =
            new Selection(Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());

    /** A database with the tables of the shop and without rows. */
    private static void emptyShop(String name) {
        backedUp(new Selection(Sections.SCHEMA, List.of(), List.of(), List.of(), Optional.empty()), (set, manifest) ->
                restored(set, name));
    }

    private static RestoreRun planned(BlobSetReader set, RestoreSpec spec) {
        return new RestoreRun(BackupRun.endpoint(server), set, spec, 2).plan();
    }

    private static void refused(BlobSetReader set, RestoreSpec spec, ErrorCode code, String... said) {
        assertThatThrownBy(() -> planned(set, spec).close())
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.problem().cause()).contains(said);
                });
    }

    @Test
    void a_data_only_set_goes_into_tables_that_exist_without_firing_their_triggers() {
        emptyShop("filled");
        // a key that the source does not have, which the rows violate
        server.psql("filled", """
                CREATE TABLE stock (n int PRIMARY KEY);
                ALTER TABLE item ADD FOREIGN KEY (n) REFERENCES stock;
                ALTER TABLE customer ADD COLUMN since date DEFAULT '2026-01-01';
                """);
        backedUp(DATA, (set, manifest) -> {
            assertThat(set.manifest().globals()).isEmpty();
            assertThat(restored(set, "filled")).singleElement().asString().contains("item", "stock");
            for (String table : List.of("orders", "item", "log", "thing", "\"Odd, schema\".\"a.b\"")) {
                assertThat(md5("filled", table)).as(table).isEqualTo(md5("shop", table));
            }
            assertThat(ask("filled", "SELECT count(*), min(since) FROM customer")).isEqualTo("500|2026-01-01");
            assertThat(ask("filled", "SELECT nextval('customer_id_seq')")).isEqualTo("501");
            assertThat(ask("filled", "SELECT lo_get(4711)")).isEqualTo(ask("shop", "SELECT lo_get(4711)"));
            assertThat(ask("filled", "SELECT count(*) FROM pg_namespace WHERE nspname = 'dbbackup_restore'"))
                    .isEqualTo("0");
        });
    }

    @Test
    void rows_that_are_there_are_only_replaced_when_that_was_confirmed() {
        emptyShop("occupied");
        server.psql("occupied", """
                INSERT INTO customer VALUES (999, 'of the target');
                INSERT INTO log VALUES ('2026-06-01', 'of the target');
                CREATE TABLE note (customer int REFERENCES customer);
                SELECT lo_from_bytea(4711, 'of the target');
                """);
        backedUp(DATA, (set, manifest) -> {
            RestoreSpec spec = RestoreRun.spec("shop", "occupied");
            refused(set, spec, ErrorCode.TABLE_NOT_EMPTY, "public.customer", "public.log_new", "large objects");
            refused(set, RestoreRun.cleaning(spec), ErrorCode.CONFIRMATION_REQUIRED, "public.customer");
            RestoreSpec confirmed = RestoreRun.cleaning(spec, "occupied");
            try (RestoreRun run = planned(set, confirmed)) {
                run.executingTwice(item -> true).drain().mustBeComplete();
                assertThat(run.differences()).isEmpty();
            }
            for (String table : List.of("customer", "orders", "item", "log")) {
                assertThat(md5("occupied", table)).as(table).isEqualTo(md5("shop", table));
            }
            assertThat(ask("occupied", "SELECT lo_get(4711)")).isEqualTo(ask("shop", "SELECT lo_get(4711)"));
        });
    }

    @Test
    void marks_that_somebody_has_dropped_fail_the_restore_and_a_restart_says_that_nothing_is_proven() {
        emptyShop("unmarked");
        backedUp(DATA, (set, manifest) -> {
            RestoreSpec spec = RestoreRun.spec("shop", "unmarked");
            // one worker: the next item begins when the last one has been told of
            try (RestoreRun run = new RestoreRun(BackupRun.endpoint(server), set, spec, 1).plan()) {
                run.onDone((item, result) -> {
                    if (item.kind().equals(RestoreKind.KEY_CHECK)) {
                        server.psql("unmarked", "DROP SCHEMA dbbackup_restore CASCADE");
                    }
                });
                assertThat(run.drain().problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.ROW_COUNT_MISMATCH);
                    assertThat(problem.cause()).contains("dbbackup_restore", "\"unmarked\"", "nothing proves");
                });
                assertThat(run.warnings()).isEmpty();
                run.reopen();
                run.drain().mustBeComplete();
                assertThat(run.warnings()).singleElement().asString().contains("\"unmarked\"", "nothing proves");
                assertThat(ask("unmarked", "SELECT count(*) FROM pg_class WHERE relname = 'orders' AND reltuples > 0"))
                        .as("statistics").isEqualTo("1");
            }
        });
    }

    @Test
    void tables_that_do_not_fit_are_refused_all_at_once_and_so_is_a_database_that_is_missing() {
        server.psql("postgres", "CREATE DATABASE unlike");
        server.psql("unlike", """
                CREATE SCHEMA "Odd, schema";
                CREATE TABLE customer (id bigint, name text, must text NOT NULL);
                CREATE TABLE orders (id int, state text, customer int);
                """);
        backedUp(DATA, (set, manifest) -> {
            refused(
                    set, RestoreRun.spec("shop", "unlike"), ErrorCode.TABLE_MISMATCH,
                    "column id of public.customer is bigint instead of integer", "has the column must",
                    "column state of public.orders is text instead of public.state", "public.orders has no column total",
                    "no table public.item");
            refused(set, RestoreRun.spec("shop", "nowhere"), ErrorCode.UNKNOWN_DATABASE, "nowhere", "data-only");
        });
    }

    @Test
    void sequences_of_tables_that_are_not_restored_and_of_no_table_are_never_set_back() {
        emptyShop("numbered");
        server.psql("shop", "CREATE SEQUENCE \"It's. free\"; CREATE SEQUENCE behind; SELECT setval('behind', 40);"
                + " SELECT setval('\"It''s. free\"', 30)");
        try {
            server.psql("numbered", """
                    CREATE SEQUENCE "It's. free" START 900;
                    CREATE SEQUENCE behind;
                    SELECT setval('customer_id_seq', 7000), setval('orders_id_seq', 8000);
                    """);
            Selection withoutCustomers =
                    new Selection(Sections.DATA, List.of(), List.of(), List.of("customer"), Optional.empty());
            backedUp(withoutCustomers, (set, manifest) -> {
                assertThat(restored(set, "numbered")).anySatisfy(warning ->
                        assertThat(warning).contains("It's. free").doesNotContain("behind", "customer"));
                assertThat(ask("numbered", "SELECT nextval('customer_id_seq'), nextval('orders_id_seq'),"
                                + " nextval('\"It''s. free\"'), nextval('behind')"))
                        .isEqualTo("7001|3001|900|41");
            });
        } finally {
            server.psql("shop", "DROP SEQUENCE \"It's. free\", behind");
        }
    }

    @Test
    void triggers_that_fire_in_spite_of_everything_are_named() {
        emptyShop("triggered");
        server.psql("triggered", """
                ALTER TABLE orders ENABLE REPLICA TRIGGER touch;
                CREATE TRIGGER "All ways" AFTER DELETE ON item FOR EACH STATEMENT EXECUTE FUNCTION touched();
                ALTER TABLE item ENABLE ALWAYS TRIGGER "All ways";
                CREATE TRIGGER quiet AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION touched();
                """);
        backedUp(DATA, (set, manifest) -> {
            try (RestoreRun run = planned(set, RestoreRun.spec("shop", "triggered"))) {
                assertThat(run.warnings()).singleElement().asString().contains("touch on public.orders", "\"All ways\" on public.item")
                        .doesNotContain("quiet");
            }
        });
    }

    private static Selection sample(Sample of) {
        return new Selection(Sections.ALL, List.of(), List.of(), List.of(), Optional.of(of));
    }

    private static final String CIRCLES = """
            CREATE TABLE category (id int PRIMARY KEY, parent int REFERENCES category, name text);
            INSERT INTO category SELECT i, nullif(i / 2, 0), 'category ' || i FROM generate_series(1, 2000) i;
            CREATE TABLE author (id int PRIMARY KEY, best int);
            CREATE TABLE book (id int PRIMARY KEY, author int NOT NULL REFERENCES author,
                category int REFERENCES category, text text);
            INSERT INTO author SELECT i, i FROM generate_series(1, 1000) i;
            INSERT INTO book SELECT i, 1001 - i, i, repeat('x', 2000) FROM generate_series(1, 1000) i;
            ALTER TABLE author ADD FOREIGN KEY (best) REFERENCES book;
            CREATE TABLE sale (at date, book int REFERENCES book, n int) PARTITION BY RANGE (at);
            CREATE TABLE sale_a PARTITION OF sale FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
            CREATE TABLE sale_b PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
            INSERT INTO sale SELECT '2025-12-01'::date + i % 60, 1 + i % 1000, i FROM generate_series(1, 2000) i;
            CREATE TABLE keyless (v text);
            INSERT INTO keyless SELECT 'v' || i FROM generate_series(1, 2000) i;
            ANALYZE;
            """;

    private static long count(String database, String table) {
        return Long.parseLong(ask(database, "SELECT count(*) FROM " + table));
    }

    @Test
    void a_sample_holds_the_rows_that_its_rows_refer_to_and_is_the_same_for_the_same_seed() {
        server.psql("postgres", "CREATE DATABASE library");
        server.psql("library", CIRCLES);
        Selection seven = sample(new Sample(0.05, 0, 7));
        try (BackupRun run = new BackupRun(
                        BackupRun.endpoint(server), BackupRun.spec(seven, "library"), directory.resolve("seven"), 2);
                RestoreRun restore = new RestoreRun(
                        BackupRun.endpoint(server), run.complete(), RestoreRun.spec("library", "sampled"), 2)) {
            assertThat(run.warnings()).isEmpty();
            restore.complete();
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
        assertThat(count("sampled", "sale")).isBetween(40L, 200L);
        assertThat(count("sampled", "keyless")).isBetween(40L, 200L);
        assertThat(count("sampled", "book")).isBetween(100L, 900L);
        assertThat(ask("sampled", "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"))
                .isEqualTo("0");
        Map<String, Fingerprint> first = contents(seven, "first");
        // the same rows in other places
        server.psql("library", "CLUSTER book USING book_pkey");
        server.psql("library", "UPDATE category SET name = name");
        assertThat(contents(seven, "second")).isEqualTo(first);
        contents(sample(new Sample(0.05, 0, 8)), "other").forEach((table, content) ->
                assertThat(content).as(table).isNotEqualTo(first.get(table)));
    }

    private static Map<String, Fingerprint> contents(Selection selection, String name) {
        try (BackupRun run = new BackupRun(
                BackupRun.endpoint(server), BackupRun.spec(selection, "library"), directory.resolve(name), 2)) {
            BlobSetReader set = run.complete();
            Map<String, Fingerprint> contents = new HashMap<>();
            set.database(set.manifest().databases().get(0))
                    .tables()
                    .forEach(table -> contents.put(table.name(), table.content()));
            return contents;
        }
    }

    @Test
    void a_sample_by_number_takes_so_many_rows_of_each_table_and_what_they_refer_to() {
        backedUp(sample(new Sample(0, 30, 1)), (set, manifest) -> {
            assertThat(manifest.leftOut().orElseThrow().foreignKeys()).isEmpty();
            assertThat(manifest.leftOut().orElseThrow().largeObjects()).isTrue();
            assertThat(restored(set, "by_number")).isEmpty();
            assertThat(count("by_number", "item")).isEqualTo(30);
            assertThat(count("by_number", "log_old")).isEqualTo(30);
            assertThat(count("by_number", "orders")).isBetween(31L, 60L);
            assertThat(count("by_number", "customer")).isBetween(31L, 90L);
            assertThat(ask("by_number", "SELECT sum(count) FROM per_state"))
                    .as("materialized views are those of the sample")
                    .isEqualTo(ask("by_number", "SELECT count(*) FROM orders"));
        });
    }

    @Test
    void keys_that_a_sample_cannot_follow_are_named_and_restored_without_a_check() {
        server.psql("shop", "CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff);"
                + " INSERT INTO staff SELECT i, nullif(i - 1, 0) FROM generate_series(1, 400) i");
        try {
            // statistics that make the circle too large for a recursion
            server.psql("shop", "ANALYZE staff; SET allow_system_table_mods = on;"
                    + " UPDATE pg_class SET reltuples = 1e9 WHERE relname = 'staff'");
            backedUp(sample(new Sample(0.5, 0, 1)), (set, manifest) -> {
                assertThat(manifest.leftOut().orElseThrow().foreignKeys()).singleElement()
                        .satisfies(key -> assertThat(key.reason()).contains("circle"));
                assertThat(restored(set, "unfollowed")).singleElement().asString().contains("staff_boss_fkey", "NOT VALID");
                assertThat(count("unfollowed", "staff")).isBetween(100L, 300L);
            });
        } finally {
            server.psql("shop", "DROP TABLE staff");
        }
    }
}
