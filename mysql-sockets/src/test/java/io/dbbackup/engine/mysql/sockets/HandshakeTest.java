package io.dbbackup.engine.mysql.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final int CLIENT_MYSQL = 1;
    private static final int PROTOCOL_41 = 1 << 9;
    private static final int BULK = 1 << 2;

    @Test
    void a_mariadb_that_offers_it_is_told_in_one_byte_also_before_tls() {
        for (int length : new int[] {32, 90}) {
            Handshake handshake = new Handshake();
            receive(handshake, greeting(0, BULK | 1), 7);
            byte[] answer = answer(PROTOCOL_41, length);
            byte[] sent = handshake.sent(answer, 0, answer.length);
            assertThat(handshake.announced()).isTrue();
            assertThat(sent[4 + 28]).isEqualTo((byte) BULK);
            sent[4 + 28] = 0;
            assertThat(sent).isEqualTo(answer(PROTOCOL_41, length)).isEqualTo(answer);
            assertThat(handshake.over()).isTrue();
        }
    }

    @Test
    void every_other_server_and_client_gets_the_bytes_of_the_driver() {
        require(greeting(CLIENT_MYSQL, BULK), answer(PROTOCOL_41, 90));
        require(greeting(0, 1 | 2 | 8), answer(PROTOCOL_41, 90));
        require(greeting(0, BULK), answer(PROTOCOL_41 | CLIENT_MYSQL, 90));
        require(greeting(0, BULK), answer(0, 90));
        require(greeting(0, BULK), answer(PROTOCOL_41, 31));
        byte[] cut = greeting(0, BULK);
        require(Arrays.copyOf(cut, cut.length - 17), answer(PROTOCOL_41, 90));
        byte[] refusal = greeting(0, BULK);
        refusal[4] = (byte) 0xff;
        require(refusal, answer(PROTOCOL_41, 90));
    }

    private static void require(byte[] greeting, byte[] answer) {
        Handshake handshake = new Handshake();
        receive(handshake, greeting, 1000);
        assertThat(handshake.sent(answer, 0, answer.length)).isEqualTo(answer);
        assertThat(handshake.announced()).isFalse();
    }

    private static void receive(Handshake handshake, byte[] bytes, int piece) {
        for (int i = 0; i < bytes.length; i += piece) {
            handshake.received(bytes, i, Math.min(piece, bytes.length - i));
        }
    }

    /** As "Initial Handshake Packet" in MariaDB's documentation, with the last 13 bytes of the salt. */
    private static byte[] greeting(int lower, int more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {90, 0, 0, 0, 10});
        out.writeBytes("5.5.5-10.11.9-MariaDB-0+deb12u1-log\0".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {1, 2, 3, 4});
        out.writeBytes("saltsalt\0".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {(byte) (0xf6 | lower), (byte) 0xff, 45, 2, 0, (byte) 0xff, (byte) 0x81, 21, 0, 0, 0, 0, 0, 0});
        out.writeBytes(new byte[] {(byte) more, 0, 0, 0});
        out.writeBytes("saltsaltsalt\0".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] answer(int flags, int length) {
        byte[] packet = new byte[4 + length];
        packet[0] = (byte) length;
        packet[3] = 1;
        packet[4] = (byte) flags;
        packet[5] = (byte) (flags >> 8);
        return packet;
    }
}
