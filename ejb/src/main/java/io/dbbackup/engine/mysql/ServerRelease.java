package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Vendor and release series of a server.
 *
 * @param series 100 times the first number of the version plus the second: 1011 for MariaDB 10.11, 804 for MySQL 8.4
 */
public record ServerRelease(Vendor vendor, String version, int series) {
    private static final int LATE_END = 1105;
    private static final Pattern VERSION = Pattern.compile("^(\\d+)\\.(\\d+)\\.(\\d+)");

    public static ServerRelease of(Sql sql) {
        String version = sql.text("SELECT version()");
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.find()) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    sql.endpoint() + " calls itself version \"" + version + "\"",
                    "Give host and port of a MySQL or MariaDB server.");
        }
        return new ServerRelease(
                Vendor.of(version), version, 100 * Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(2)));
    }

    /**
     * Whether a server of the same vendor knows more than this one. MySQL 8.0 got features in every one of its releases, and older ones
     * pass over what they do not know, such as CHECK constraints (before 8.0.16), without a word.
     */
    public boolean olderThan(ServerFacts other) {
        return series < other.major()
                || vendor == Vendor.MYSQL && series == other.major() && last(version) < last(other.version());
    }

    /**
     * Whether the last TIMESTAMP that there is, by which MariaDB marks current rows of system-versioned tables, comes after that of the
     * other: 11.5 moved it from 2038 to 2106 on 64-bit systems (MDEV-32188).
     */
    public boolean endsTimeLaterThan(ServerFacts other) {
        return vendor == Vendor.MARIADB && series >= LATE_END && other.major() < LATE_END;
    }

    private static int last(String version) {
        Matcher matcher = VERSION.matcher(version);
        return matcher.find() ? Integer.parseInt(matcher.group(3)) : 0;
    }

    /** @throws BackupException DATABASE_WRONG when the server is of the other vendor than the configuration says */
    public void require(Endpoint endpoint) {
        if (!endpoint.engine().equals(vendor.type())) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    endpoint + " is " + vendor.title() + " " + version,
                    "Set engine: " + vendor.type() + " for \"" + endpoint.name() + "\".");
        }
    }

    /** Connects and describes. */
    public static ServerFacts describe(Endpoint endpoint) {
        try (Session session = Session.open(endpoint, "", "describe")) {
            Sql sql = session.sql();
            ServerRelease release = of(sql);
            release.require(endpoint);
            Map<String, String> details = new LinkedHashMap<>();
            details.put("versionComment", sql.text("SELECT @@version_comment"));
            details.put("characterSet", sql.text("SELECT @@global.character_set_server"));
            details.put("collation", sql.text("SELECT @@global.collation_server"));
            details.put("lowerCaseTableNames", sql.text("SELECT @@lower_case_table_names"));
            details.put("innodbPageSize", sql.text("SELECT @@innodb_page_size"));
            details.put("timeZone",
                    MysqlOptions.generatedZone(endpoint).orElseGet(() -> sql.text("SELECT @@global.time_zone")));
            details.put("logBin", sql.text("SELECT @@log_bin"));
            details.put("binlogFormat", sql.text("SELECT @@global.binlog_format"));
            return new ServerFacts(
                    release.vendor.type(), release.version, release.series, sql.text(release.vendor.systemId()),
                    zone(sql), details);
        }
    }

    /** The server's zone is only a name for the operating system's abbreviation, and not always one that Java knows. */
    private static String zone(Sql sql) {
        String zone = sql.text("SELECT if(@@global.time_zone = 'SYSTEM', @@system_time_zone, @@global.time_zone)");
        try {
            return ZoneId.of(zone, ZoneId.SHORT_IDS).getId();
        } catch (DateTimeException e) {
            return "UTC";
        }
    }
}
