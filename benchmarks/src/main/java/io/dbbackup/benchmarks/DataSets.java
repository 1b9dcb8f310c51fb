package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.PostgresInstance;
import java.util.Locale;

/** The databases of the benchmark, the same bytes each time. Sizes are for a scale of 1. */
final class DataSets {
    private DataSets() {}

    /**
     * {@code mixed}: 2.8 GB. pgbench's tables (compress 90 times), events with text and JSON (6 times), random values
     * (not at all), 500 small tables with keys.
     */
    static void mixed(PostgresInstance server, double scale) {
        server.psql("postgres", "CREATE DATABASE mixed");
        accounts(server, "mixed", Math.max(1, Math.round(100 * scale)));
        events(server, "mixed", Math.round(2_500_000 * scale));
        server.psql("mixed", """
                CREATE TABLE blobs (id int PRIMARY KEY, body bytea NOT NULL);
                ALTER TABLE blobs ALTER body SET STORAGE EXTERNAL;
                """ + randomBytes() + """
                INSERT INTO blobs SELECT n, random_bytes(n, 8192) FROM generate_series(1, %d) n;
                """.formatted(Math.round(39_000 * scale)));
        small(server, "mixed", 500);
        server.psql("mixed", "VACUUM ANALYZE");
    }

    /** {@code dense}: 1.1 GB that compress about twice: measurements, digests, addresses, half-random text. */
    static void dense(PostgresInstance server, double scale) {
        server.psql("postgres", "CREATE DATABASE dense");
        server.psql("dense", """
                CREATE TABLE readings (id bigint, sensor uuid, at timestamptz, value float8, spread float8, note text);
                INSERT INTO readings
                SELECT n, md5('s' || n %% 5000)::uuid, '2026-01-01Z'::timestamptz + n * interval '0.37 s',
                       sin(n) * 1000, ('0.' || ('x' || substr(md5('v' || n), 1, 7))::bit(28)::int)::float8,
                       substr(md5(n::text), 1, 20)
                FROM generate_series(1, %d) n;
                CREATE TABLE documents (id bigint, digest bytea, address inet, body text);
                INSERT INTO documents
                SELECT n, sha256(n::text::bytea), ('10.' || n %% 256 || '.' || n / 256 %% 256 || '.' || n::bigint * 7 %% 256)::inet,
                       encode(sha256(('a' || n)::bytea), 'base64') || ' ' || md5('b' || n) || ' lorem ipsum dolor sit amet'
                FROM generate_series(1, %d) n;
                ALTER TABLE readings ADD PRIMARY KEY (id);
                ALTER TABLE documents ADD PRIMARY KEY (id);
                VACUUM ANALYZE;
                """.formatted(Math.round(5_000_000 * scale), Math.round(3_000_000 * scale)));
    }

    /** {@code tiny}: 10 000 tables of five rows. */
    static void tiny(PostgresInstance server, double scale) {
        server.psql("postgres", "CREATE DATABASE tiny");
        int tables = (int) Math.round(10_000 * scale);
        // a transaction with 10 000 tables would need more locks than a server has
        for (int from = 1; from <= tables; from += 1000) {
            server.psql("tiny", """
                    DO $$ BEGIN FOR t IN %d..%d LOOP
                        EXECUTE format('CREATE TABLE t%%s AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 5) n', t);
                    END LOOP; END $$
                    """.formatted(from, Math.min(tables, from + 999)));
        }
        server.psql("tiny", "VACUUM ANALYZE");
    }

    /** {@code single}: one table with four fifths of all rows. */
    static void single(PostgresInstance server, String name, double scale) {
        server.psql("postgres", "CREATE DATABASE " + name);
        events(server, name, Math.round(3_000_000 * scale));
        server.psql(name, """
                CREATE TABLE rest AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, %d) n;
                ALTER TABLE rest ADD PRIMARY KEY (id);
                VACUUM ANALYZE;
                """.formatted(Math.round(750_000 * scale)));
    }

    static void empty(PostgresInstance server) {
        server.psql("postgres", "CREATE DATABASE empty");
    }

    private static void accounts(PostgresInstance server, String database, long scale) {
        server.psql(database, String.format(Locale.ROOT, """
                CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor=100);
                CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int REFERENCES pgbench_branches, tbalance int,
                    filler char(84)) WITH (fillfactor=100);
                CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84))
                    WITH (fillfactor=100);
                INSERT INTO pgbench_branches SELECT n, 0, NULL FROM generate_series(1, %1$d) n;
                INSERT INTO pgbench_tellers SELECT n, (n - 1) / 10 + 1, 0, NULL FROM generate_series(1, %1$d * 10) n;
                INSERT INTO pgbench_accounts SELECT n, (n - 1) / 100000 + 1, 0, '' FROM generate_series(1, %1$d * 100000) n;
                ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid);
                ALTER TABLE pgbench_accounts ADD FOREIGN KEY (bid) REFERENCES pgbench_branches;
                """, scale));
    }

    private static void events(PostgresInstance server, String database, long rows) {
        server.psql(database, """
                CREATE TABLE events (id bigint NOT NULL, tenant int, at timestamptz, email text, payload jsonb, message text);
                INSERT INTO events
                SELECT n, n %% 1000, '2026-01-01Z'::timestamptz + n * interval '1.7 s',
                       'user' || (n::bigint * 7919 %% 1000003) || '@example.org',
                       jsonb_build_object('kind', (ARRAY['view','click','order','refund'])[n %% 4 + 1], 'price', n %% 9973,
                           'tags', jsonb_build_array(n %% 17, n %% 23, md5((n %% 5000)::text))),
                       'event number ' || n || ' of the tenant ' || n %% 1000 || ' took ' || (n::bigint * 31 %% 977) || ' ms'
                FROM generate_series(1, %d) n;
                ALTER TABLE events ADD PRIMARY KEY (id);
                CREATE INDEX events_tenant ON events (tenant, at);
                CREATE INDEX events_email ON events (email);
                """.formatted(rows));
    }

    /** From a chain of digests: random for every compressor, the same each time. */
    private static String randomBytes() {
        return """
                CREATE FUNCTION random_bytes(seed int, bytes int) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
                    SELECT string_agg(sha512((seed || ':' || n)::bytea), '' ORDER BY n) FROM generate_series(1, bytes / 64) n
                $$;
                """;
    }

    private static void small(PostgresInstance server, String database, int tables) {
        server.psql(database, """
                DO $$ BEGIN FOR t IN 1..%d LOOP
                    EXECUTE format('CREATE TABLE small_%%s (id int PRIMARY KEY, code text UNIQUE, at timestamptz)', t);
                    EXECUTE format('INSERT INTO small_%%s SELECT n, md5(n::text), ''2026-01-01Z''::timestamptz + n * interval ''1 h'''
                        || ' FROM generate_series(1, 100) n', t);
                END LOOP; END $$
                """.formatted(tables));
    }
}
