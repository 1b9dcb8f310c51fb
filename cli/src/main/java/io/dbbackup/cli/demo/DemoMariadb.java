package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Table;
import io.dbbackup.throwaway.MysqlInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A MariaDB of the demo. */
record DemoMariadb(MysqlInstance server) implements DemoDatabase {
    private static final String SAMPLE = """
            CREATE DATABASE shop COLLATE utf8mb4_german2_ci;
            USE shop;
            CREATE TABLE customer (id int PRIMARY KEY, name varchar(80), born date, weight float, KEY (name));
            INSERT INTO customer SELECT seq, concat('Zoë 😀 ', seq), '1950-01-01' + INTERVAL seq HOUR, seq / 7 FROM seq_1_to_20000;
            CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, customer int NOT NULL, made timestamp(6) NOT NULL,
                price decimal(20, 4) NOT NULL, note char(64), KEY (made),
                CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer (id));
            INSERT INTO orders (customer, made, price, note)
                SELECT 1 + seq %% 20000, '2026-01-01' + INTERVAL seq SECOND, seq / 3, sha2(seq, 256) FROM seq_1_to_%1$d;
            CREATE VIEW turnover AS SELECT customer, sum(price) AS price FROM orders GROUP BY customer;
            CREATE TRIGGER no_discount BEFORE INSERT ON orders FOR EACH ROW SET NEW.price = abs(NEW.price);
            CREATE PROCEDURE order_count(OUT n bigint) SELECT count(*) INTO n FROM orders;
            CREATE EVENT cleanup ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders WHERE made < now() - INTERVAL 10 YEAR;
            CREATE DATABASE `Ünïcode db-1` CHARACTER SET latin1;
            USE `Ünïcode db-1`;
            CREATE SEQUENCE numbers START WITH 10 INCREMENT BY 5;
            CREATE TABLE `we``ird "table/name` (id bigint DEFAULT nextval(numbers) PRIMARY KEY, u uuid, b blob, j json, p point NOT NULL);
            INSERT INTO `we``ird "table/name` (u, b, j, p)
                SELECT uuid(), unhex(sha2(seq, 512)), json_object('n', seq), point(seq, 1 / seq) FROM seq_1_to_3000;
            CREATE TABLE prices (id int PRIMARY KEY, price int) WITH SYSTEM VERSIONING;
            INSERT INTO prices SELECT seq, seq FROM seq_1_to_100;
            UPDATE prices SET price = price + 1;
            CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at))
                (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);
            INSERT INTO parted SELECT seq, '1995-01-01' + INTERVAL seq WEEK FROM seq_1_to_600;
            CREATE DATABASE empty;
            CREATE ROLE reader;
            GRANT SELECT ON shop.* TO reader;
            CREATE USER clerk@'10.%%' IDENTIFIED BY 'secret';
            GRANT reader TO clerk@'10.%%';
            GRANT UPDATE (note) ON shop.orders TO clerk@'10.%%';
            ANALYZE TABLE shop.orders;
            """;
    private static final List<String> DATABASES = List.of("shop", "Ünïcode db-1", "empty");

    static DemoDatabase start() {
        return new DemoMariadb(MysqlInstance.start(Map.of("log-bin", "binlog")));
    }

    @Override
    public String title() {
        return "MariaDB " + server.series() / 100 + "." + server.series() % 100 + " on port " + server.port();
    }

    @Override
    public String password() {
        return server.password();
    }

    @Override
    public String fill(long rows) {
        server.sql("mysql", SAMPLE.formatted(rows));
        return "accounts, a role, a table of " + Amounts.number(rows)
                + " rows, a sequence, history of rows, partitions, routines, an event, names that need quoting";
    }

    @Override
    public Table databases() {
        Table table = new Table("DATABASE", "SIZE");
        server.sql("mysql", "SELECT coalesce(sum(t.data_length + t.index_length), 0), s.schema_name"
                        + " FROM information_schema.schemata s LEFT JOIN information_schema.tables t"
                        + " ON t.table_schema = s.schema_name"
                        + " WHERE s.schema_name NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
                        + " GROUP BY 2 ORDER BY 1 DESC")
                .lines()
                .map(line -> line.split("\t", 2))
                .forEach(line -> table.row(line[1], Amounts.bytes(Long.parseLong(line[0]))));
        return table;
    }

    @Override
    public String configuration(String name, Path password) {
        return """
                  - name: %s
                    engine: mariadb
                    host: %s
                    port: %d
                    user: %s
                    password_file: %s
                """.indent(0).formatted(
                name, server.host(), server.port(), server.user(), DemoConfiguration.text(password.toString()));
    }

    @Override
    public String compare(DemoDatabase restored) {
        for (String database : DATABASES) {
            if (!said(database).equals(((DemoMariadb) restored).said(database))) {
                throw new ApiException(
                        "FINGERPRINT_MISMATCH", "the servers differ in database " + database,
                        "This is a defect; please report it.", 3);
            }
        }
        return DATABASES.size() + " databases by CHECKSUM TABLE and SHOW CREATE, the history of rows, the accounts and their"
                + " privileges";
    }

    /** What the server says about a database and the accounts to the stock client. */
    private String said(String database) {
        StringBuilder all = new StringBuilder();
        server.sql(database, """
                SELECT concat('CHECKSUM TABLE `', replace(table_name, '`', '``'), '` EXTENDED') FROM information_schema.tables
                    WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1;
                SELECT concat('SHOW CREATE TABLE `', replace(table_name, '`', '``'), '`') FROM information_schema.tables
                    WHERE table_schema = database() ORDER BY 1;
                SELECT concat('SHOW CREATE ', routine_type, ' `', routine_name, '`') FROM information_schema.routines
                    WHERE routine_schema = database() ORDER BY 1;
                SELECT concat('SHOW CREATE EVENT `', event_name, '`') FROM information_schema.events
                    WHERE event_schema = database() ORDER BY 1;
                SELECT concat('SELECT * FROM `', table_name, '` FOR SYSTEM_TIME ALL ORDER BY 1, 2') FROM information_schema.tables
                    WHERE table_schema = database() AND table_type = 'SYSTEM VERSIONED';
                """).lines().forEach(statement -> all.append(server.sql(database, statement)));
        return all + server.sql("mysql", "SHOW CREATE USER clerk@'10.%'; SHOW GRANTS FOR clerk@'10.%'; SHOW GRANTS FOR reader;"
                + " SELECT trigger_name, action_statement, definer FROM information_schema.triggers");
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
