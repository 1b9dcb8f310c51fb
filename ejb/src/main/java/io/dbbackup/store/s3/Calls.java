package io.dbbackup.store.s3;

import io.dbbackup.store.upload.RequestGroup;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The HTTP requests that one upload has under way, so that another thread can end them at once: an interrupt alone does
 * not end a blocked socket. Thread-safe.
 */
final class Calls implements RequestGroup {
    private static final ThreadLocal<Calls> CURRENT = new ThreadLocal<>();

    private final Set<ExecutableHttpRequest> running = ConcurrentHashMap.newKeySet();
    private volatile boolean aborted;

    /** A task whose requests belong to this group; the SDK's synchronous client sends them in the calling thread. */
    @Override
    public Runnable tracked(Runnable task) {
        return () -> {
            CURRENT.set(this);
            try {
                task.run();
            } finally {
                CURRENT.remove();
            }
        };
    }

    @Override
    public void abort() {
        aborted = true;
        running.forEach(ExecutableHttpRequest::abort);
    }

    private HttpExecuteResponse call(ExecutableHttpRequest request) throws IOException {
        running.add(request);
        try {
            if (aborted) {
                request.abort();
                throw new IOException("the upload was aborted");
            }
            return request.call();
        } finally {
            running.remove(request);
        }
    }

    /** A client that remembers what it sends for whom. */
    private static SdkHttpClient tracking(SdkHttpClient client) {
        return new SdkHttpClient() {
            @Override
            public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
                ExecutableHttpRequest prepared = client.prepareRequest(request);
                Calls calls = CURRENT.get();
                return calls == null ? prepared : calls.new Tracked(prepared);
            }

            @Override
            public String clientName() {
                return client.clientName();
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    /** Builds such clients. */
    static final class TrackingBuilder implements SdkHttpClient.Builder<TrackingBuilder> {
        private final SdkHttpClient.Builder<?> builder;

        TrackingBuilder(SdkHttpClient.Builder<?> builder) {
            this.builder = builder;
        }

        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return tracking(builder.buildWithDefaults(defaults));
        }
    }

    private final class Tracked implements ExecutableHttpRequest {
        private final ExecutableHttpRequest request;

        Tracked(ExecutableHttpRequest request) {
            this.request = request;
        }

        @Override
        public HttpExecuteResponse call() throws IOException {
            return Calls.this.call(request);
        }

        @Override
        public void abort() {
            request.abort();
        }
    }
}
