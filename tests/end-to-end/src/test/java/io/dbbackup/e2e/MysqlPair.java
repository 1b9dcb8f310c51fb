package io.dbbackup.e2e;

import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A MariaDB or MySQL with databases {@code shop} and {@code stock} and some accounts as source {@code maria} or {@code my}, and an
 * empty one as source {@code maria_target} or {@code my_target}. Both vendors get the same statements.
 */
final class MysqlPair implements AutoCloseable {
    /** Known to source and target, as to servers of which somebody takes care, but to no throwaway server. */
    private static final String ZONE = """
            INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N');
            SET @zone = last_insert_id();
            INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('Asia/Kathmandu', @zone);
            INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation)
                VALUES (@zone, 0, 20700, 0, '+0545');
            """;

    private final String name;
    private final String engine;
    private final MysqlInstance source;
    private final MysqlInstance target;
    private final Path password;
    private final Path targetPassword;

    private MysqlPair(String name, String engine, Function<Map<String, String>, MysqlInstance> start) {
        this.name = name;
        this.engine = engine;
        // most of the time a server needs for its first start it waits
        CompletableFuture<MysqlInstance> second = CompletableFuture.supplyAsync(() -> start.apply(Map.of()));
        source = start.apply(Map.of("log-bin", "binlog"));
        fill();
        target = second.join();
        target.sql("mysql", ZONE);
        try {
            password = Files.writeString(Files.createTempFile(name, ".password"), source.password() + "\n");
            targetPassword = Files.writeString(Files.createTempFile(name, ".password"), target.password() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MysqlPair mariadb() {
        return new MysqlPair("maria", "mariadb", MysqlInstance::start);
    }

    /** @param programs of MySQL; they must outlive the pair */
    static MysqlPair mysql(ServerArchive programs) {
        return new MysqlPair("my", "mysql", programs::start);
    }

    private void fill() {
        source.sql("mysql", ZONE + """
                CREATE DATABASE shop COLLATE utf8mb4_german2_ci;
                CREATE DATABASE stock CHARACTER SET latin1;
                USE stock;
                """ + numbers() + """
                CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(80) NOT NULL, photo blob, UNIQUE KEY (name));
                INSERT INTO item (name, photo) SELECT concat('Gerät ', seq), unhex(sha2(seq, 512)) FROM n WHERE seq <= 2000;
                CREATE TABLE price (id int PRIMARY KEY, net decimal(20, 4) NOT NULL, gross decimal(20, 4) AS (net * 1.19) STORED);
                INSERT INTO price (id, net) SELECT seq, seq / 3 FROM n WHERE seq <= 2000;
                USE shop;
                CREATE TABLE customer (id int PRIMARY KEY, name varchar(80), born date, weight float, note text, KEY (name)) ;
                INSERT INTO customer SELECT seq, concat('Zoë 😀 ', seq), '2000-01-01' + INTERVAL seq DAY, seq / 7, NULL
                    FROM stock.n WHERE seq <= 2000;
                CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, customer int NOT NULL, item int, made timestamp(6) NOT NULL,
                    price decimal(20, 4) NOT NULL, padding char(100), KEY (made),
                    CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer (id));
                INSERT INTO orders (customer, item, made, price, padding)
                    SELECT 1 + seq % 2000, seq % 2000, '2026-01-01' + INTERVAL seq SECOND, seq / 3, sha2(seq, 256)
                    FROM stock.n WHERE seq <= 40000;
                CREATE VIEW turnover AS SELECT customer, sum(price) AS price FROM orders GROUP BY customer;
                DELIMITER $$
                CREATE TRIGGER no_discount BEFORE INSERT ON orders FOR EACH ROW SET NEW.price = abs(NEW.price)$$
                CREATE PROCEDURE order_count(OUT n bigint) SELECT count(*) INTO n FROM orders$$
                SET time_zone = 'Asia/Kathmandu'$$
                CREATE EVENT cleanup ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders$$
                DELIMITER ;
                SET time_zone = DEFAULT;
                CREATE VIEW stock.sold AS SELECT item, count(*) AS sold FROM shop.orders GROUP BY item;
                DROP TABLE stock.n;
                ANALYZE TABLE orders;
                CREATE ROLE reader;
                GRANT SELECT ON stock.* TO reader;
                GRANT SELECT ON stock.sold TO reader WITH GRANT OPTION;
                CREATE USER clerk@'10.%' IDENTIFIED BY 'secret';
                GRANT reader TO clerk@'10.%';
                GRANT SELECT (id) ON shop.orders TO clerk@'10.%';
                """);
    }

    /** The table {@code n} with the numbers 1 to 100000, for as long as the filling needs it. */
    private static String numbers() {
        return """
                CREATE TABLE n (seq int PRIMARY KEY);
                INSERT INTO n WITH d AS (SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5
                        UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)
                    SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d FROM d a, d b, d c, d e, d f;
                """;
    }

    /**
     * Adds rows enough for dozens of parts of 1 MB, in three databases of about the same size: two workers read the first two side by
     * side and then close them, before they open the third one.
     *
     * @param rows of the large table of each, from 50000 to 100000
     */
    MysqlPair withManyParts(int rows) {
        source.sql("shop", numbers() + """
                INSERT INTO orders (customer, item, made, price, padding)
                    SELECT 1 + seq %% 2000, seq %% 2000, '2026-02-01' + INTERVAL seq SECOND, seq / 3, sha2(seq, 256)
                    FROM n WHERE seq <= %1$d - 40000;
                CREATE DATABASE archive;
                CREATE TABLE archive.ledger (id bigint PRIMARY KEY AUTO_INCREMENT, entry varbinary(200) NOT NULL, amount double, KEY (amount));
                INSERT INTO archive.ledger (entry, amount)
                    SELECT unhex(concat(sha2(seq, 512), sha2(-seq, 512))), seq / 7 FROM n WHERE seq <= %1$d;
                DROP TABLE n;
                CREATE DATABASE archive_2025;
                CREATE TABLE archive_2025.ledger LIKE archive.ledger;
                INSERT INTO archive_2025.ledger SELECT * FROM archive.ledger;
                ANALYZE TABLE orders, archive.ledger, archive_2025.ledger;
                """.formatted(rows));
        return this;
    }

    /** The name of the source; that of the other one is {@link #target()}. */
    String name() {
        return name;
    }

    String target() {
        return name + "_target";
    }

    /** What {@code engine} says in the configuration. */
    String engine() {
        return engine;
    }

    String configuration() {
        return """
                sources:
                  - {name: %s, engine: %s, host: 127.0.0.1, port: %d, user: root, password_file: %s}
                  - {name: %s, engine: %s, host: 127.0.0.1, port: %d, user: root, password_file: %s}
                """.formatted(name, engine, source.port(), password, target(), engine, target.port(), targetPassword);
    }

    /** Parameters of a restore of the newest set of the source, whole, into the target. */
    Map<String, String> restoreAll() {
        return Map.of("set", "latest:" + name, "target", target(), "workers", "2");
    }

    /** What both servers say about their databases. */
    String described(boolean restored) {
        MysqlInstance server = restored ? target : source;
        String checksums = server.sql("shop", """
                SELECT concat('CHECKSUM TABLE ', table_schema, '.', table_name, ' EXTENDED;') FROM information_schema.tables
                    WHERE table_schema IN ('archive', 'archive_2025', 'shop', 'stock') AND table_type = 'BASE TABLE'
                    AND table_name <> 'price' ORDER BY 1;
                """);
        // equal rows with generated columns have different checksums in MariaDB 10.11
        String all = server.sql("shop", checksums + """
                SELECT sum(id), sum(net), sum(gross) FROM stock.price;
                SHOW CREATE DATABASE shop; SHOW CREATE DATABASE stock;
                SHOW CREATE TABLE shop.customer; SHOW CREATE TABLE shop.orders; SHOW CREATE TABLE stock.item;
                SHOW CREATE VIEW turnover; SHOW CREATE VIEW stock.sold; SHOW CREATE PROCEDURE order_count; SHOW CREATE EVENT cleanup;
                SHOW CREATE USER clerk@'10.%'; SHOW GRANTS FOR clerk@'10.%'; SHOW GRANTS FOR reader;
                SELECT trigger_name, action_statement, definer, sql_mode FROM information_schema.triggers;
                """);
        // once a statement named the collation, MySQL names the character set, too
        return all.replaceAll("CHARACTER SET \\w+ COLLATE", "COLLATE");
    }

    String sourcePassword() {
        return source.password();
    }

    @Override
    public void close() {
        source.close();
        target.close();
        try {
            Files.deleteIfExists(password);
            Files.deleteIfExists(targetPassword);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
