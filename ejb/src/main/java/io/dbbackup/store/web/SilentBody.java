package io.dbbackup.store.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A body as a stream that fails when nothing arrives for a time: the JDK's own waits for ever. Holds what arrived with
 * one read of the socket. For one reader; {@link #close()} may come from any thread and frees it.
 */
final class SilentBody extends InputStream implements BodySubscriber<InputStream> {
    /** A list of its own: an empty one may arrive. */
    private static final List<ByteBuffer> END = Collections.unmodifiableList(new ArrayList<>());

    private final Duration silence;
    private final LinkedBlockingQueue<List<ByteBuffer>> arrived = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private volatile IOException failure;
    private Iterator<ByteBuffer> buffers = END.iterator();
    private ByteBuffer current = ByteBuffer.allocate(0);
    private boolean ended;

    SilentBody(Duration silence) {
        this.silence = silence;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        given.request(1);
        subscription.complete(given);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        arrived.add(item); // one was asked for, so no more than one waits
    }

    @Override
    public void onError(Throwable e) {
        failure = e instanceof IOException io ? io : new IOException(e);
        arrived.add(END);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    @Override
    public int read() throws IOException {
        return fill() ? current.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int read = Math.min(length, current.remaining());
        current.get(bytes, offset, read);
        return read;
    }

    private boolean fill() throws IOException {
        while (!current.hasRemaining()) {
            if (buffers.hasNext()) {
                current = buffers.next();
            } else if (ended) {
                return false;
            } else {
                buffers = await().iterator();
            }
        }
        return true;
    }

    private List<ByteBuffer> await() throws IOException {
        try {
            List<ByteBuffer> next = arrived.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                close();
                throw new HttpTimeoutException("nothing arrived for " + silence.toSeconds() + " s");
            }
            if (next != END) {
                subscription.thenAccept(each -> each.request(1));
                return next;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        ended = true;
        if (failure != null) {
            throw failure;
        }
        return END;
    }

    @Override
    public void close() {
        if (failure == null) {
            failure = new IOException("closed");
        }
        arrived.add(END);
        subscription.thenAccept(Flow.Subscription::cancel);
    }
}
