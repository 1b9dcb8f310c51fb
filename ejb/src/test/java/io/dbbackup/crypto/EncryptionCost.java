package io.dbbackup.crypto;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.TransferMonitor;
import io.dbbackup.pipeline.TransferPipeline;
import io.dbbackup.pipeline.Transform;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/**
 * What encryption adds to the pipeline, in CPU time of the thread, run by hand: pairs of transfers of 256 MiB of generated
 * rows, plain and encrypted, into nothing. Arguments: codec, {@code plain} or {@code encrypted} for a cold start, pairs.
 */
final class EncryptionCost {
    private static final int BYTES = 256 << 20;

    private EncryptionCost() {}

    public static void main(String[] arguments) throws Exception {
        byte[] rows = rows();
        List<Transform> plain = Codecs.byName(arguments[0]).transforms(OptionalInt.empty());
        List<Transform> encrypted = new ArrayList<>(plain);
        encrypted.add(SetKey.random().transform("set"));
        System.out.printf("%s cold, %s first: %.3f s%n", arguments[0], arguments[1],
                transfer(arguments[1].equals("plain") ? plain : encrypted, rows));
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < Integer.parseInt(arguments[2]); pair++) {
            double clear = transfer(plain, rows);
            double secret = transfer(encrypted, rows);
            ratios.add(secret / clear);
            System.out.printf("%s plain %.3f s, encrypted %.3f s, ratio %.3f%n", arguments[0], clear, secret, secret / clear);
        }
        ratios.sort(null);
        if (ratios.isEmpty()) {
            return;
        }
        System.out.printf("%s median ratio %.3f%n", arguments[0], ratios.get(ratios.size() / 2));
    }

    private static byte[] rows() {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < 8 << 20; i++) {
            text.append(i).append('\t').append(Long.toHexString(random.nextLong())).append("\torder placed\t2026-11-")
                    .append(1 + random.nextInt(30)).append('\t').append(random.nextInt(100_000)).append('\n');
        }
        return text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static double transfer(List<Transform> transforms, byte[] rows) throws Exception {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        new TransferPipeline(transforms).transfer("x", source(rows), List.of(), new Nothing(), TransferMonitor.NONE);
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e9;
    }

    private static ByteSource source(byte[] rows) {
        return new ByteSource() {
            private int at;

            @Override
            public InputStream stream() {
                return new InputStream() {
                    @Override
                    public int read() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        int from = at % rows.length;
                        int read = Math.min(Math.min(length, rows.length - from), BYTES - at);
                        System.arraycopy(rows, from, target, offset, read);
                        at += read;
                        return read == 0 ? -1 : read;
                    }
                };
            }

            @Override
            public void awaitSuccess() {
                // nothing can fail
            }

            @Override
            public void close() {
                // nothing to close
            }
        };
    }

    private static final class Nothing implements BlobWriter {
        private long bytes;

        @Override
        public void write(byte[] buffer, int offset, int length) {
            bytes += length;
        }

        @Override
        public long commit() {
            return bytes;
        }

        @Override
        public void abort() {
            // nothing to stop
        }

        @Override
        public void close() {
            // nothing to close
        }
    }
}
