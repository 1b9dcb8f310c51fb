package io.dbbackup.benchmarks.stages;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Rows as PostgreSQL's binary COPY sends them, one after the other in a block, the same bytes each time. */
public enum Rows {
    /** As of pgbench_accounts: 124 bytes, hardly anything in them. */
    ACCOUNTS {
        @Override
        byte[] row(int n, Random random) {
            return ByteBuffer.allocate(124).putShort((short) 4)
                    .putInt(4).putInt(n).putInt(4).putInt(n / 100_000).putInt(4).putInt(0).putInt(84)
                    .put(" ".repeat(84).getBytes(StandardCharsets.US_ASCII)).array();
        }
    },
    /** As of an event with text and JSON: about 250 bytes. */
    EVENTS {
        @Override
        byte[] row(int n, Random random) {
            byte[] email = ("user" + n * 7919L % 1_000_003 + "@example.org").getBytes(StandardCharsets.US_ASCII);
            byte[] json = ("{\"kind\": \"order\", \"tags\": [" + n % 17 + ", " + n % 23 + ", \""
                    + Integer.toHexString(random.nextInt(5000) * 31) + "a3f0\"], \"price\": " + n % 9973 + "}")
                            .getBytes(StandardCharsets.US_ASCII);
            byte[] message = ("event number " + n + " of the tenant " + n % 1000 + " took " + n * 31L % 977 + " ms")
                    .getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(2 + 12 + 8 + 12 + 12 + email.length + json.length + message.length)
                    .putShort((short) 6).putInt(8).putLong(n).putInt(4).putInt(n % 1000).putInt(8).putLong(n * 1_700_000L)
                    .putInt(email.length).put(email).putInt(json.length).put(json).putInt(message.length).put(message)
                    .array();
        }
    },
    /** 8 KiB that do not compress. */
    BLOBS {
        @Override
        byte[] row(int n, Random random) {
            byte[] body = new byte[8192];
            random.nextBytes(body);
            return ByteBuffer.allocate(2 + 8 + 4 + body.length).putShort((short) 2).putInt(4).putInt(n)
                    .putInt(body.length).put(body).array();
        }
    };

    abstract byte[] row(int n, Random random);

    /** Whole rows, at most that many bytes. */
    byte[] block(int bytes) {
        Random random = new Random(1);
        ByteBuffer block = ByteBuffer.allocate(bytes);
        for (int n = 1;; n++) {
            byte[] row = row(n, random);
            if (row.length > block.remaining()) {
                return java.util.Arrays.copyOf(block.array(), block.position());
            }
            block.put(row);
        }
    }
}
