package io.dbbackup.engine.mysql;

import io.dbbackup.model.Json;
import io.dbbackup.pipeline.ByteSource;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Definitions as a script for the stock client, in which each is preceded by a comment that says what it is and how many bytes
 * its statement has: no text of a statement can be mistaken for the end of it. One definition is in memory at a time.
 */
public final class DefinitionsSource implements ByteSource {
    static final String MARK = "-- dbbackup ";
    static final String DELIMITER = "DELIMITER ";
    /** Newer releases of MySQL let only some accounts say the last two, the very last is of 8.4, and a script must not end there. */
    private static final String BEGIN = """
            -- Definitions of one database, for the client programs mysql and mariadb
            SET NAMES utf8mb4;
            SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0
                /*M! , check_constraint_checks = 0, system_versioning_alter_history = KEEP */;
            SET @dbbackup = if(version() LIKE '%MariaDB%' OR EXISTS (SELECT 1 FROM information_schema.user_privileges
                WHERE privilege_type IN ('SUPER', 'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN')
                AND replace(grantee, '''', '') = current_user()), 'SET SESSION innodb_strict_mode = 0', 'DO 0');
            PREPARE dbbackup FROM @dbbackup; EXECUTE dbbackup; DEALLOCATE PREPARE dbbackup;
            SET @dbbackup = if(@dbbackup <> 'DO 0' AND version() NOT LIKE '%MariaDB%' AND substring_index(version(), '.', 2) + 0 >= 8.4,
                'SET SESSION restrict_fk_on_non_standard_key = 0', 'DO 0');
            PREPARE dbbackup FROM @dbbackup; EXECUTE dbbackup; DEALLOCATE PREPARE dbbackup;
            """;

    /** Where a byte of a character may be a backslash or a backtick, the client has to know the character set. */
    private static final Set<String> AMBIGUOUS = Set.of("big5", "cp932", "gb18030", "gbk", "sjis");

    /** A time zone that every server knows. */
    private static final Pattern OFFSET = Pattern.compile("[+-].*|SYSTEM");

    /**
     * A server that does not know a time zone keeps all settings as they are, and a client that goes on (--force) would create the event
     * in the zone of the one before. So nothing can be created until the same statement that sets the zone allows it.
     */
    private static final String NEVER = "SET SESSION TRANSACTION READ ONLY;\n";
    private static final String UNLESS_SET = " /*!80000 , transaction_read_only = 0 *//*M!100000 , tx_read_only = 0 */";
    private static final String ALWAYS = "SET SESSION TRANSACTION READ WRITE;\n";

    /** Older releases name the collation only where it is not the first one of the character set. */
    private static final Pattern OWN_COLLATION =
            Pattern.compile("^(?:/\\*!\\d+ )?(?:DEFAULT )?(CHARACTER SET \\w+(?: COLLATE \\w+)?)");

    private final Stream stream;

    /** @param options what SHOW CREATE DATABASE says behind the name: the database's own collation, if a definition has another one */
    public DefinitionsSource(Iterator<Definition> definitions, String options) {
        stream = new Stream(definitions, options);
    }

    /** What the comment before a statement says; older sets lack the client, whose statements are all ours, and the database's collation. */
    record Header(
            Definition.Kind kind, String name, String sqlMode, String client, String collation, String databaseCollation,
            String timeZone, int bytes) {
        String clientOrOurs() {
            return client == null ? ClientText.OURS : client;
        }
    }

    /** The statement that gives a session the settings of a definition. */
    public static String settings(Definition definition) {
        String collation = definition.collation().isEmpty() ? "utf8mb4_general_ci" : definition.collation();
        String timeZone = definition.timeZone().isEmpty() ? "+00:00" : definition.timeZone();
        return "SET SESSION sql_mode = " + Quoting.literal(definition.sqlMode()) + ", character_set_client = "
                + Quoting.literal(definition.written().client()) + ", collation_connection = "
                + Quoting.literal(collation) + ", time_zone = " + Quoting.literal(timeZone);
    }

    /** Gives the session's database the collation that it had when the object was created, until that is created again. */
    public static String alterDatabase(Definition definition) {
        return "ALTER DATABASE COLLATE " + Quoting.identifier(definition.databaseCollation());
    }

    /**
     * Gives the session's database its own collation again, in words that mean the same in every character set and sql_mode: the
     * session has those of an author. What else the options say, as the comment of a database of MariaDB, stays as it is.
     *
     * @param options what SHOW CREATE DATABASE says behind the name
     * @throws IllegalArgumentException for options of another form
     */
    public static String alterDatabaseBack(String options) {
        Matcher own = OWN_COLLATION.matcher(options);
        if (!own.find()) {
            throw new IllegalArgumentException("not what SHOW CREATE DATABASE says: " + options);
        }
        return "ALTER DATABASE " + own.group(1);
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void awaitSuccess() {
        // an iterator that fails has thrown from a read
    }

    @Override
    public void close() {
        // nothing is open
    }

    private static byte[] encode(Definition definition, String options) {
        byte[] statement = definition.written().bytes();
        String end = "$$";
        for (int i = 1; definition.statement().contains(end); i++) {
            end = "$" + i + "$";
        }
        String header = Json.write(new Header(
                definition.kind(), definition.name(), definition.sqlMode(), definition.written().client(), definition.collation(),
                definition.databaseCollation(), definition.timeZone(), statement.length));
        boolean ambiguous = AMBIGUOUS.contains(definition.written().client());
        boolean elsewhere = !definition.databaseCollation().isEmpty();
        boolean named = !definition.timeZone().isEmpty() && !OFFSET.matcher(definition.timeZone()).matches();
        String before = "\n" + MARK + header + "\n"
                + (ambiguous ? "\\C " + definition.written().client() + "\n" : "")
                + (named ? NEVER : "")
                + settings(definition) + (named ? UNLESS_SET : "") + ";\n"
                + (elsewhere ? alterDatabase(definition) + ";\n" : "")
                + DELIMITER + end + "\n";
        String after = "\n" + end + "\n" + DELIMITER + ";\n"
                + (named ? ALWAYS : "")
                + (elsewhere ? alterDatabaseBack(options) + ";\n" : "")
                + (ambiguous ? "\\C " + ClientText.OURS + "\n" : "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(statement);
        bytes.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** The bytes. */
    private static final class Stream extends InputStream {
        private final Iterator<Definition> definitions;
        private final String options;
        private byte[] current = BEGIN.getBytes(StandardCharsets.UTF_8);
        private int position;

        Stream(Iterator<Definition> definitions, String options) {
            this.definitions = definitions;
            this.options = options;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            while (position == current.length) {
                if (!definitions.hasNext()) {
                    return length == 0 ? 0 : -1;
                }
                current = encode(definitions.next(), options);
                position = 0;
            }
            int some = Math.min(length, current.length - position);
            System.arraycopy(current, position, target, offset, some);
            position += some;
            return some;
        }
    }
}
