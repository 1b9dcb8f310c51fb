package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.MysqlInstance;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/** Sessions that write small transactions without a pause until they are ended, and remember how long they had to wait. */
final class Writers implements AutoCloseable {
    private final MysqlInstance server;
    private final List<Thread> threads = new ArrayList<>();
    private final List<SQLException> failures = new ArrayList<>();
    private volatile boolean over;
    private long transactions;
    private long longestNanos;

    Writers(MysqlInstance server, int count) {
        this.server = server;
        server.sql("mysql", """
                CREATE DATABASE IF NOT EXISTS written;
                CREATE TABLE IF NOT EXISTS written.entry (id bigint AUTO_INCREMENT PRIMARY KEY, text varchar(200)) ENGINE = InnoDB;
                CREATE TABLE IF NOT EXISTS written.total (id int PRIMARY KEY, entries bigint NOT NULL) ENGINE = InnoDB;
                """);
        for (int i = 0; i < count; i++) {
            int number = i;
            Thread thread = new Thread(() -> write(number), "writer " + number);
            threads.add(thread);
            thread.start();
        }
    }

    private void write(int number) {
        Properties properties = new Properties();
        properties.setProperty("user", server.user());
        properties.setProperty("password", server.password());
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:mysql://" + server.host() + ":" + server.port() + "/written?sslMode=DISABLED", properties);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!over) {
                long begun = System.nanoTime();
                statement.execute("INSERT INTO entry (text) VALUES (repeat('x', 150))");
                statement.execute("INSERT INTO total VALUES (" + number + ", 1) ON DUPLICATE KEY UPDATE entries = entries + 1");
                connection.commit();
                count(System.nanoTime() - begun);
            }
        } catch (SQLException e) {
            synchronized (this) {
                failures.add(e);
            }
        }
    }

    private synchronized void count(long nanos) {
        transactions++;
        longestNanos = Math.max(longestNanos, nanos);
    }

    /** Ends them; how many transactions there were and how long the longest took. */
    String end() {
        close();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a writer failed", failures.get(0));
        }
        return String.format(Locale.ROOT, "%d transactions, the longest took %.0f ms", transactions, longestNanos / 1e6);
    }

    @Override
    public void close() {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
