package io.dbbackup.engine.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** One address of several servers: connections are handed on to one port after the other. */
public final class Balancer implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile int[] ports;

    public Balancer(int... ports) throws IOException {
        this.ports = ports.clone();
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** Where connections go from now on. */
    public void lead(int... others) {
        ports = others.clone();
        connections.set(0);
    }

    private void accept() throws IOException {
        while (!socket.isClosed()) {
            Socket client = socket.accept();
            int[] now = ports;
            Socket server = new Socket(InetAddress.getLoopbackAddress(), now[connections.getAndIncrement() % now.length]);
            start(() -> copy(client, server));
            start(() -> copy(server, client));
        }
    }

    private static void copy(Socket from, Socket to) throws IOException {
        try (from; to; InputStream in = from.getInputStream()) {
            in.transferTo(to.getOutputStream());
        }
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // one of both sides is gone, or the balancer is
                return;
            }
        }, "balancer");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
