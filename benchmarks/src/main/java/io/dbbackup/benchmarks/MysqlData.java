package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.MysqlInstance;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * A database of MySQL or MariaDB, the same rows each time: at a scale of 1 a table as sysbench makes it (1.5 million rows, digits) and a
 * wide one (400 000 rows of every usual type), 690 MB as text.
 */
final class MysqlData {
    private static final String[] WORDS = ("lorem ipsum dolor sit amet consetetur sadipscing elitr sed diam nonumy eirmod tempor"
            + " invidunt ut labore et dolore magna aliquyam erat voluptua Grüße 東京 naïve").split(" ");

    private MysqlData() {}

    /**
     * Makes the database.
     *
     * @param generated whether the wide table has a generated column, with which mariadb-dump's output of a MySQL cannot be restored
     * @param work directory for the rows on their way
     */
    static void fill(MysqlInstance server, String database, double scale, boolean generated, Path work) {
        server.sql("mysql", "CREATE DATABASE " + database + " CHARACTER SET utf8mb4");
        server.sql(database, """
                CREATE TABLE sbtest1 (id int NOT NULL AUTO_INCREMENT, k int NOT NULL DEFAULT 0, c char(120) NOT NULL DEFAULT '',
                    pad char(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k_1 (k));
                CREATE TABLE wide (id bigint NOT NULL AUTO_INCREMENT, code char(36) CHARACTER SET ascii NOT NULL, name varchar(120) NOT NULL,
                    body text, price decimal(14,4) NOT NULL, factor double, at datetime(6) NOT NULL, bits bit(12),
                    state enum('new','paid','sent','back') NOT NULL, flags set('a','b','c'), image blob, doc json,
                    note varchar(80) CHARACTER SET latin1, %s
                    PRIMARY KEY (id), UNIQUE KEY (code), KEY (at), KEY (name));
                """.formatted(generated ? "gross decimal(16,4) GENERATED ALWAYS AS (price * 1.19) STORED," : ""));
        load(server, database, work, "sbtest1 (id, k, c, pad)", Math.round(1_500_000 * scale), MysqlData::digits);
        load(server, database, work, "wide (id, code, name, body, price, factor, at, @bits, state, flags, @image, doc, note)"
                + " SET bits = @bits + 0, image = unhex(@image)", Math.round(400_000 * scale), MysqlData::wide);
        server.sql(database, "ANALYZE TABLE sbtest1, wide");
    }

    private interface Rows {
        void append(StringBuilder line, long id, SplittableRandom random);
    }

    private static void load(MysqlInstance server, String database, Path work, String target, long rows, Rows maker) {
        Path file = work.resolve("rows.tsv");
        SplittableRandom random = new SplittableRandom(4711);
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            StringBuilder line = new StringBuilder();
            for (long id = 1; id <= rows; id++) {
                line.setLength(0);
                maker.append(line, id, random);
                out.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int columns = target.indexOf(' ');
        server.load(database, "LOAD DATA LOCAL INFILE '" + file + "' INTO TABLE " + target.substring(0, columns)
                + " CHARACTER SET utf8mb4 " + target.substring(columns), new byte[0]);
        Shell.Trees.delete(file);
    }

    private static void digits(StringBuilder line, long id, SplittableRandom random) {
        line.append(id).append('\t').append(1 + random.nextInt(1_500_000)).append('\t');
        groups(line, random, 10);
        line.append('\t');
        groups(line, random, 5);
    }

    private static void groups(StringBuilder line, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            line.append(i == 0 ? "" : "-").append(10_000_000_000L + random.nextLong(90_000_000_000L));
        }
    }

    private static void wide(StringBuilder line, long id, SplittableRandom random) {
        String hex = HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong());
        line.append(id).append('\t').append(hex, 0, 8).append('-').append(hex, 8, 12).append('-').append(hex, 12, 16).append('-')
                .append(hex, 16, 20).append('-').append(hex, 20, 32).append('\t');
        words(line, random, 4);
        line.append('\t');
        words(line, random, 20 + random.nextInt(40));
        line.append('\t').append(random.nextInt(10_000_000)).append('.').append(1000 + random.nextInt(9000));
        line.append('\t').append(random.nextDouble());
        line.append('\t').append("2026-").append(10 + random.nextInt(3)).append('-').append(10 + random.nextInt(19)).append(' ')
                .append(10 + random.nextInt(14)).append(':').append(10 + random.nextInt(50)).append(':')
                .append(10 + random.nextInt(50)).append('.').append(100_000 + random.nextInt(900_000));
        line.append('\t').append(random.nextInt(4096)).append('\t').append(1 + random.nextInt(4)).append('\t')
                .append(random.nextInt(8)).append('\t');
        for (int i = 0; i < 32; i++) {
            line.append(HexFormat.of().toHexDigits(random.nextLong()));
        }
        line.append("\t{\"kind\": \"").append(WORDS[random.nextInt(10)]).append("\", \"count\": ").append(random.nextInt(1000))
                .append(", \"tags\": [\"").append(hex, 0, 6).append("\", \"").append(WORDS[random.nextInt(10)])
                .append("\"], \"price\": ").append(random.nextInt(100_000)).append("}\t");
        line.append(random.nextInt(10) == 0 ? "\\N" : "caf\u00e9 number " + random.nextInt(100_000));
    }

    private static void words(StringBuilder line, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            line.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
    }
}
