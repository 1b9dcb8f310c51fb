package io.dbbackup.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The bytes of an object from an offset on. A connection that drops is replaced by one that asks for the rest of the
 * same object ({@code If-Match}), a bounded number of times without progress. Not thread-safe.
 */
final class S3BlobStream extends InputStream {
    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long LONGEST_DELAY_MILLIS = 10_000;

    private final S3Client client;
    private final GetObjectRequest request;
    private final int attempts;
    private final String etag;
    private final long end;
    private long position;
    private ResponseInputStream<GetObjectResponse> body;
    private int failed;

    /**
     * @param first the answer to {@code request}, which asks for everything from {@code offset} on
     * @param retries so many times in a row a connection may fail without giving a byte
     */
    S3BlobStream(
            S3Client client,
            GetObjectRequest request,
            ResponseInputStream<GetObjectResponse> first,
            long offset,
            int retries) {
        this.client = client;
        this.request = request;
        this.body = first;
        this.attempts = retries + 1;
        this.etag = first.response().eTag();
        this.position = offset;
        this.end = offset + first.response().contentLength();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position < end) {
            try {
                if (body == null) {
                    body = client.getObject(request.toBuilder()
                            .range("bytes=" + position + "-")
                            .ifMatch(etag)
                            .build());
                }
                int read = body.read(bytes, offset, length);
                if (read > 0) {
                    position += read;
                    failed = 0;
                    return read;
                }
                throw new IOException("the connection ended " + (end - position) + " bytes before the blob");
            } catch (IOException | SdkException e) {
                discard();
                pauseOrGiveUp(e);
            }
        }
        return -1;
    }

    private void pauseOrGiveUp(Exception e) throws IOException {
        failed++;
        // 403, 404, 412 (another object has that name now): another attempt gets the same answer
        boolean refused = e instanceof AwsServiceException answer && answer.statusCode() / 100 == 4;
        if (failed >= attempts || refused || Thread.currentThread().isInterrupted()) {
            throw new IOException("reading " + request.key() + " failed at byte " + position + ": " + e.getMessage(), e);
        }
        long most = Math.min(LONGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS << failed);
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(most + 1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("reading " + request.key() + " was interrupted", e);
        }
    }

    /** Drops the connection; what is left of the answer is not read. */
    private void discard() {
        if (body != null) {
            body.abort();
            body = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (body != null && position >= end) {
            body.close();
            body = null;
        }
        discard();
        position = end;
    }
}
