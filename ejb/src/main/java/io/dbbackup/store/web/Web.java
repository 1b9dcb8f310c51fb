package io.dbbackup.store.web;

import io.dbbackup.store.TrustedCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;

/**
 * Sends requests and tries each a bounded number of times, with full jitter and respect for {@code Retry-After}.
 * Redirects are answers, never followed: a request carries credentials. A request ends with the interrupt of its
 * thread. Thread-safe.
 *
 * <p>The JDK's client of this Java version cannot be closed: {@link #close()} lets go of it, and its connections end when
 * the garbage collector sees that.
 */
public final class Web implements AutoCloseable {
    /** Silence of the peer, not the length of a transfer. */
    private static final Duration SILENCE = Duration.ofMinutes(2);
    /** Slower than any line that a backup could use, in bytes per second. */
    private static final long SLOWEST = 16 * 1024;
    private static final int LARGEST_BODY = 16 << 20;
    private static final Set<Integer> ASK_AGAIN = Set.of(408, 429, 500, 502, 503, 504);

    private final int retries;
    private final Duration silence;
    private volatile HttpClient client;

    /**
     * @param caFile PEM file with the certificate authorities to trust; empty: Java's
     * @param retries further attempts per request
     */
    public Web(Optional<Path> caFile, int retries) {
        this(caFile, retries, SILENCE);
    }

    Web(Optional<Path> caFile, int retries, Duration silence) {
        this.retries = retries;
        this.silence = silence;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10));
        caFile.ifPresent(file -> builder.sslContext(trusting(file)));
        this.client = builder.build();
    }

    private static SSLContext trusting(Path caFile) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, TrustedCertificates.of(caFile), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has TLS
        }
    }

    /** Time that a request with so many bytes may take to be sent and answered. */
    public Duration patience(long bytes) {
        return silence.plusSeconds(bytes / SLOWEST);
    }

    /**
     * Sends a request and takes the whole body of the answer, whatever its status.
     *
     * @param request made anew for every attempt, because signatures hold the time
     * @throws NoAnswerException when no attempt got an answer
     */
    public Answer send(Supplier<HttpRequest> request) {
        return exchange(request, false);
    }

    /** As {@link #send}, but the body of a successful answer is a stream that the caller closes. */
    public Answer open(Supplier<HttpRequest> request) {
        return exchange(request, true);
    }

    private Answer exchange(Supplier<HttpRequest> request, boolean stream) {
        for (int attempt = 0; ; attempt++) {
            try {
                Answer answer = once(request.get(), stream);
                if (attempt == retries || !ASK_AGAIN.contains(answer.status())) {
                    return answer;
                }
                pause(Backoff.answered(attempt, answer));
            } catch (SSLHandshakeException | InterruptedIOException e) {
                throw new NoAnswerException(e); // another attempt would end in the same way
            } catch (IOException e) {
                if (attempt == retries) {
                    throw new NoAnswerException(e);
                }
                pause(Backoff.unanswered(attempt));
            }
        }
    }

    private Answer once(HttpRequest request, boolean stream) throws IOException {
        HttpClient open = client;
        if (open == null) {
            throw new IllegalStateException("the store is closed");
        }
        try {
            HttpResponse<InputStream> response = open.send(request, info -> new SilentBody(silence));
            InputStream body = response.body();
            if (stream && response.statusCode() / 100 == 2) {
                return new Answer(response.statusCode(), response.headers(), new byte[0], Optional.of(body));
            }
            try (body) {
                byte[] whole = body.readNBytes(LARGEST_BODY + 1);
                if (whole.length > LARGEST_BODY) {
                    throw new IOException("an answer is larger than " + LARGEST_BODY + " bytes");
                }
                return new Answer(response.statusCode(), response.headers(), whole, Optional.empty());
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw new NoAnswerException(interrupted());
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("the request was interrupted");
    }

    @Override
    public void close() {
        client = null;
    }
}
