package io.dbbackup.engine.mysql.sockets;

import java.util.Arrays;

/**
 * The first packet of each side ("Connection Phase" in the documentation of both servers' protocol). A MariaDB's greeting lacks the flag
 * {@code CLIENT_MYSQL} and has 32 more flags in bytes that are reserved elsewhere; a client that lacks it, too, answers with such flags in
 * the last four of the 23 bytes that are reserved in its answer (MariaDB, {@code parse_client_handshake_packet}), before it asks for TLS as without it.
 * Not thread-safe.
 */
final class Handshake {
    /** Longer than any greeting up to the flags: the text of a version has 60 bytes at most. */
    private static final int GREETING = 256;
    private static final int HEADER = 4;
    private static final int PROTOCOL = 10;
    private static final int CLIENT_MYSQL = 1;
    private static final int CLIENT_PROTOCOL_41 = 1 << 9;
    /** {@code MARIADB_CLIENT_STMT_BULK_OPERATIONS}, the 35th flag of all. */
    private static final int BULK = 1 << 2;
    /** Between the text of the version and the lower flags: thread, first part of the salt, and a zero. */
    private static final int BEFORE_FLAGS = 4 + 8 + 1;
    /** From the lower flags to MariaDB's: these, character set, status, upper flags, length of the salt, and reserved ones. */
    private static final int BETWEEN_FLAGS = 2 + 1 + 2 + 2 + 1 + 6;
    /** Of the client's packet: flags, largest packet, character set, and what is reserved before MariaDB's flags. */
    private static final int ANSWERED = HEADER + 4 + 4 + 1 + 19;

    private final byte[] greeting = new byte[GREETING];
    private int known;
    private boolean over;
    private boolean announced;

    /** Takes what the server has sent. */
    void received(byte[] bytes, int from, int count) {
        if (!over && known < GREETING) {
            int some = Math.min(count, GREETING - known);
            System.arraycopy(bytes, from, greeting, known, some);
            known += some;
        }
    }

    /** Whether the client's first packet was sent, and everything after it goes as it is. */
    boolean over() {
        return over;
    }

    boolean announced() {
        return announced;
    }

    /** What is to be sent for the client's first bytes. */
    byte[] sent(byte[] bytes, int from, int count) {
        over = true;
        byte[] packet = Arrays.copyOfRange(bytes, from, from + count);
        if (offered() && count >= ANSWERED + HEADER && extendable(packet)) {
            packet[ANSWERED] |= BULK;
            announced = true;
        }
        return packet;
    }

    private boolean offered() {
        int at = HEADER;
        if (known <= at || greeting[at] != PROTOCOL) {
            return false;
        }
        while (at < known && greeting[at] != 0) {
            at++;
        }
        int flags = at + 1 + BEFORE_FLAGS;
        int more = flags + BETWEEN_FLAGS;
        return more < known && (greeting[flags] & CLIENT_MYSQL) == 0 && (greeting[more] & BULK) != 0;
    }

    private static boolean extendable(byte[] packet) {
        int flags = packet[HEADER] & 0xff | (packet[HEADER + 1] & 0xff) << 8;
        return (flags & CLIENT_MYSQL) == 0 && (flags & CLIENT_PROTOCOL_41) != 0;
    }
}
