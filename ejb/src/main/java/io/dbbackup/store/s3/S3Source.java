package io.dbbackup.store.s3;

import io.dbbackup.store.ResumingStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Asks for the rest of one object, and of no other that has its name meanwhile ({@code If-Match}). */
record S3Source(S3Client client, GetObjectRequest request, String etag) implements ResumingStream.Source {
    /** @param request asks for everything from {@code offset} on */
    static InputStream stream(S3Client client, GetObjectRequest request, long offset, int retries) {
        ResponseInputStream<GetObjectResponse> first = client.getObject(request);
        GetObjectResponse answer = first.response();
        return new ResumingStream(request.key(), new S3Source(client, request, answer.eTag()), first, offset,
                offset + answer.contentLength(), retries);
    }

    @Override
    public InputStream open(long position) throws IOException {
        try {
            return client.getObject(
                    request.toBuilder().range("bytes=" + position + "-").ifMatch(etag).build());
        } catch (AwsServiceException e) {
            if (e.statusCode() / 100 == 4) {
                throw new ResumingStream.RefusedException(e);
            }
            throw e;
        }
    }

    @Override
    public void discard(InputStream body) {
        if (body instanceof ResponseInputStream<?> answer) {
            answer.abort();
        }
    }
}
