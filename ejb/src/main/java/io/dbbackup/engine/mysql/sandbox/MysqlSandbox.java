package io.dbbackup.engine.mysql.sandbox;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TimeZones;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.MysqlPrograms;
import io.dbbackup.throwaway.ThrowawayException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A throwaway server of the same vendor from local programs, tuned for one restore: nothing in it has to survive. It listens on
 * a free port of the loopback interface with a random password, runs no events, writes no binary log, and dies with the JVM at
 * the latest.
 */
public final class MysqlSandbox implements DatabaseEngine.Sandbox {
    private static final Map<String, String> SETTINGS = Map.of(
            "max-allowed-packet", "1G", "innodb-flush-log-at-trx-commit", "0", "innodb-log-file-size", "128M",
            // parts of one table are loaded at the same time
            "innodb-autoinc-lock-mode", "2");

    private final MysqlInstance instance;
    private final Vendor vendor;
    private final ServerFacts like;

    private MysqlSandbox(MysqlInstance instance, Vendor vendor, ServerFacts like) {
        this.instance = instance;
        this.vendor = vendor;
        this.like = like;
    }

    /**
     * Starts a server of the same release series, or else of the next newer one.
     *
     * @param directory parent of its files; must be open to the unprivileged user of the server when the JVM is root's
     * @throws BackupException TOOL_MISSING when there are no programs of that vendor and series or a newer one, TOOL_FAILED when
     *     it does not start
     */
    public static MysqlSandbox start(Vendor vendor, ServerFacts like, Path directory) {
        MysqlPrograms programs = choose(MysqlPrograms.all(), vendor, like);
        try {
            MysqlSandbox sandbox = new MysqlSandbox(MysqlInstance.start(programs, directory, fixed(like), SETTINGS), vendor, like);
            return sandbox.ready();
        } catch (ThrowawayException e) {
            throw new BackupException(
                    ErrorCode.TOOL_FAILED,
                    "a throwaway " + vendor.title() + " did not start: " + e.getMessage(),
                    "Check free space and permissions of " + directory + ", then restart the run.",
                    e);
        }
    }

    /** Knows the time zone in which generated columns are computed. */
    private MysqlSandbox ready() {
        boolean done = false;
        try (Session session = Session.open(endpoint(), "mysql", "sandbox")) {
            TimeZones.define(session.sql(), detail(like, "timeZone").orElse(""));
            done = true;
            return this;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** What decides which tables a server can have, and cannot be changed later. */
    private static Map<String, String> fixed(ServerFacts like) {
        Map<String, String> fixed = new HashMap<>();
        detail(like, "innodbPageSize").ifPresent(size -> fixed.put("innodb-page-size", size));
        // 2 exists only where file names have no case
        detail(like, "lowerCaseTableNames").filter(mode -> !mode.equals("0"))
                .ifPresent(mode -> fixed.put("lower-case-table-names", "1"));
        return fixed;
    }

    private static Optional<String> detail(ServerFacts like, String name) {
        return Optional.ofNullable(like.details().get(name)).filter(value -> !value.isEmpty());
    }

    /** @param all what this machine has */
    static MysqlPrograms choose(List<MysqlPrograms> all, Vendor vendor, ServerFacts like) {
        return all.stream()
                .filter(programs -> programs.mariadb() == (vendor == Vendor.MARIADB) && programs.series() >= like.major())
                .min(Comparator.comparingInt(MysqlPrograms::series))
                .orElseThrow(() -> missing(all, vendor, like));
    }

    private static BackupException missing(List<MysqlPrograms> all, Vendor vendor, ServerFacts like) {
        String found = all.stream()
                .map(programs -> (programs.mariadb() ? "MariaDB " : "MySQL ") + series(programs.series()))
                .collect(Collectors.joining(", "));
        return new BackupException(
                ErrorCode.TOOL_MISSING,
                "verifying by a restore needs the server programs of " + vendor.title() + " " + series(like.major())
                        + " or newer, this machine has " + (found.isEmpty() ? "none" : "only those of " + found),
                "Install them (" + vendor.serverPackage() + "), its service need not run; or name the directories they are unpacked in"
                        + " in the environment variable DBBACKUP_MYSQL_HOMES of this server.");
    }

    private static String series(int series) {
        return series / 100 + "." + series % 100;
    }

    @Override
    public Endpoint endpoint() {
        String password = instance.password();
        return new Endpoint(
                "sandbox of " + vendor.title() + " " + series(instance.series()), vendor.type(), instance.host(),
                instance.port(), instance.user(), () -> Optional.of(password), "", Map.of());
    }

    @Override
    public Optional<String> deviation() {
        return instance.series() == like.major()
                ? Optional.empty()
                : Optional.of("restored into a throwaway " + vendor.title() + " " + series(instance.series())
                        + ", the set is of " + series(like.major()) + ": this machine has no server programs of that version");
    }

    @Override
    public void close() {
        instance.close();
    }
}
