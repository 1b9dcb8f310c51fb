package io.dbbackup.e2e;

import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A MariaDB with databases {@code shop} and {@code stock} as source {@code maria}, and an empty one, {@code maria_target}. */
final class MariadbPair implements AutoCloseable {
    private final MysqlInstance source = MysqlInstance.start(Map.of("log-bin", "binlog"));
    private final MysqlInstance target = MysqlInstance.start();
    private final Path password;
    private final Path targetPassword;

    MariadbPair() {
        source.sql("mysql", """
                CREATE DATABASE shop COLLATE utf8mb4_german2_ci;
                CREATE DATABASE stock CHARACTER SET latin1;
                USE stock;
                CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(80) NOT NULL, photo blob, UNIQUE KEY (name));
                INSERT INTO item (name, photo) SELECT concat('Gerät ', seq), unhex(sha2(seq, 512)) FROM seq_1_to_2000;
                CREATE TABLE price (id int PRIMARY KEY, net decimal(20, 4) NOT NULL, gross decimal(20, 4) AS (net * 1.19) STORED);
                INSERT INTO price (id, net) SELECT seq, seq / 3 FROM seq_1_to_2000;
                USE shop;
                CREATE TABLE customer (id int PRIMARY KEY, name varchar(80), born date, weight float, note text, KEY (name)) ;
                INSERT INTO customer SELECT seq, concat('Zoë 😀 ', seq), '2000-01-01' + INTERVAL seq DAY, seq / 7, NULL
                    FROM seq_1_to_2000;
                CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, customer int NOT NULL, item int, made timestamp(6) NOT NULL,
                    price decimal(20, 4) NOT NULL, padding char(100), KEY (made),
                    CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer (id));
                INSERT INTO orders (customer, item, made, price, padding)
                    SELECT 1 + seq % 2000, seq % 2000, '2026-01-01' + INTERVAL seq SECOND, seq / 3, sha2(seq, 256)
                    FROM seq_1_to_40000;
                CREATE VIEW turnover AS SELECT customer, sum(price) AS price FROM orders GROUP BY customer;
                DELIMITER $$
                CREATE TRIGGER no_discount BEFORE INSERT ON orders FOR EACH ROW SET NEW.price = abs(NEW.price)$$
                CREATE PROCEDURE order_count(OUT n bigint) SELECT count(*) INTO n FROM orders$$
                CREATE EVENT cleanup ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders$$
                DELIMITER ;
                ANALYZE TABLE orders;
                CREATE ROLE reader;
                GRANT SELECT ON stock.* TO reader;
                CREATE USER clerk@'10.%' IDENTIFIED BY 'secret';
                GRANT reader TO clerk@'10.%';
                GRANT SELECT (id) ON shop.orders TO clerk@'10.%';
                """);
        try {
            password = Files.writeString(Files.createTempFile("maria", ".password"), source.password() + "\n");
            targetPassword = Files.writeString(Files.createTempFile("maria", ".password"), target.password() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds rows enough for dozens of parts of 1 MB, in three databases of about the same size: two workers read the first two side by
     * side and then close them, before they open the third one.
     */
    MariadbPair withManyParts() {
        source.sql("shop", """
                INSERT INTO orders (customer, item, made, price, padding)
                    SELECT 1 + seq % 2000, seq % 2000, '2026-02-01' + INTERVAL seq SECOND, seq / 3, sha2(seq, 256)
                    FROM seq_1_to_60000;
                CREATE DATABASE archive;
                CREATE TABLE archive.ledger (id bigint PRIMARY KEY AUTO_INCREMENT, entry varbinary(200) NOT NULL, amount double, KEY (amount));
                INSERT INTO archive.ledger (entry, amount) SELECT unhex(concat(sha2(seq, 512), sha2(-seq, 512))), seq / 7
                    FROM seq_1_to_100000;
                CREATE DATABASE archive_2025;
                CREATE TABLE archive_2025.ledger LIKE archive.ledger;
                INSERT INTO archive_2025.ledger SELECT * FROM archive.ledger;
                ANALYZE TABLE orders, archive.ledger, archive_2025.ledger;
                """);
        return this;
    }

    String configuration() {
        return """
                sources:
                  - {name: maria, engine: mariadb, host: 127.0.0.1, port: %d, user: root, password_file: %s}
                  - {name: maria_target, engine: mariadb, host: 127.0.0.1, port: %d, user: root, password_file: %s}
                """.formatted(source.port(), password, target.port(), targetPassword);
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
        return server.sql("shop", checksums + """
                SELECT sum(id), sum(net), sum(gross) FROM stock.price;
                SHOW CREATE DATABASE shop; SHOW CREATE DATABASE stock;
                SHOW CREATE TABLE shop.customer; SHOW CREATE TABLE shop.orders; SHOW CREATE TABLE stock.item;
                SHOW CREATE VIEW turnover; SHOW CREATE PROCEDURE order_count; SHOW CREATE EVENT cleanup;
                SHOW CREATE USER clerk@'10.%'; SHOW GRANTS FOR clerk@'10.%'; SHOW GRANTS FOR reader;
                SELECT trigger_name, action_statement, definer, sql_mode FROM information_schema.triggers;
                """);
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
