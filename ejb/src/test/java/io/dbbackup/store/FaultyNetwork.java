package io.dbbackup.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A way to a server that loses what it is told to lose: connections after a number of bytes, answers, everything. */
public final class FaultyNetwork implements AutoCloseable {
    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger faults = new AtomicInteger();
    private volatile int requestBytes = Integer.MAX_VALUE;
    private volatile int answerBytes = Integer.MAX_VALUE;
    private volatile boolean silent;
    private final AtomicReference<BooleanSupplier> losing = new AtomicReference<>();
    private final AtomicInteger connections = new AtomicInteger();

    public FaultyNetwork(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public int open() {
        return open.size();
    }

    public int connections() {
        return connections.get();
    }

    /** So many connections end when so many bytes of requests or of answers went through them. */
    public void breakConnections(int count, int afterRequestBytes, int afterAnswerBytes) {
        closeAll(); // what is open has counted its bytes already
        requestBytes = afterRequestBytes;
        answerBytes = afterAnswerBytes;
        faults.set(count);
    }

    /** Of the answers that come while this holds the first one is lost, with its connection. */
    public void loseAnswer(BooleanSupplier when) {
        losing.set(when);
    }

    /** Nothing goes through any more in either direction, and nothing is closed. */
    public void fallSilent() {
        silent = true;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                start(() -> pump(client, server, requestBytes, () -> false));
                start(() -> pump(server, client, answerBytes, this::lost));
            } catch (IOException e) {
                // closed, or the peer went away
            }
        }
    }

    private boolean lost() {
        BooleanSupplier when = losing.get();
        return when != null && when.getAsBoolean() && losing.compareAndSet(when, null);
    }

    private void pump(Socket from, Socket to, int limit, BooleanSupplier lost) {
        byte[] buffer = new byte[16 * 1024];
        long passed = 0;
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                while (silent && !listener.isClosed()) {
                    Thread.sleep(20);
                }
                passed += read;
                if (lost.getAsBoolean()) {
                    return;
                }
                if (passed > limit && faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    return;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // one side is gone, so the other goes as well
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "faulty-network");
        thread.setDaemon(true);
        thread.start();
    }

    private void closeAll() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // it is closed
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeAll();
    }
}
