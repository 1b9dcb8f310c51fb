package io.dbbackup.engine.mysql.sockets;

import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.protocol.StandardSocketFactory;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * The driver's sockets, which announce to a MariaDB that this client may execute a statement for many rows at once; other servers get the very
 * bytes of the driver. Named in the driver's property {@code socketFactory}; one object per connection. Not thread-safe.
 */
public final class MariadbSockets extends StandardSocketFactory {
    private Handshake handshake = new Handshake();

    @Override
    protected Socket createSocket(PropertySet properties) {
        handshake = new Handshake();
        return new Watched(handshake);
    }

    /** Whether the server offers {@code COM_STMT_BULK_EXECUTE} and was told that it may be used on this connection. */
    public boolean announced() {
        return handshake.announced();
    }

    /** Shows what goes over it to the handshake. */
    private static final class Watched extends Socket {
        private final Handshake handshake;

        Watched(Handshake handshake) {
            this.handshake = handshake;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int from, int count) throws IOException {
                    int n = in.read(bytes, from, count);
                    if (n > 0) {
                        handshake.received(bytes, from, n);
                    }
                    return n;
                }
            };
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    if (handshake.over()) {
                        out.write(bytes, from, count);
                    } else {
                        out.write(handshake.sent(bytes, from, count));
                    }
                }
            };
        }
    }
}
