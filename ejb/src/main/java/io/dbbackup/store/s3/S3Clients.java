package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import io.dbbackup.store.TrustedCertificates;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.TlsTrustManagersProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;

/**
 * The SDK's synchronous client as we use it: our own checksums only, payloads signed where a store is not known to
 * check CRC32C, every call tried a bounded number of times with full jitter, {@code Retry-After} respected by the SDK.
 */
final class S3Clients {
    /** Silence of the peer, not the length of a transfer. */
    private static final Duration SILENCE = Duration.ofMinutes(2);
    private static final int CONNECTIONS = 256;

    private S3Clients() {}

    static S3Client open(S3Settings settings, Function<SecretRef, String> secrets) {
        try {
            return build(settings, secrets);
        } catch (SdkClientException e) {
            // a region is the one thing that it looks for while it is built
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the store " + settings.location() + " cannot be used: " + e.getMessage(),
                    "Set region to that of the bucket.",
                    e);
        }
    }

    private static S3Client build(S3Settings settings, Function<SecretRef, String> secrets) {
        S3ClientBuilder builder = S3Client.builder()
                // a builder, because a client that is handed over is not closed with the S3 client
                .httpClientBuilder(new Calls.TrackingBuilder(http(settings)))
                .credentialsProvider(credentials(settings, secrets))
                .forcePathStyle(settings.pathStyle())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
                .overrideConfiguration(client -> client.retryStrategy(retries(settings.retries())));
        settings.endpoint().ifPresent(builder::endpointOverride);
        settings.region()
                .or(() -> settings.endpoint().map(endpoint -> "us-east-1"))
                .ifPresent(region -> builder.region(Region.of(region)));
        if (!settings.checksums()) {
            builder.authSchemeProvider(signedPayloads());
        }
        return builder.build();
    }

    /** Without it only http payloads are signed. The signature is what makes a store check what it received. */
    private static S3AuthSchemeProvider signedPayloads() {
        S3AuthSchemeProvider usual = S3AuthSchemeProvider.defaultProvider();
        return parameters -> usual.resolveAuthScheme(parameters).stream()
                .map(scheme -> scheme.toBuilder()
                        .putSignerProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true)
                        .build())
                .toList();
    }

    private static StandardRetryStrategy retries(int retries) {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(retries + 1)
                .backoffStrategy(BackoffStrategy.exponentialDelay(Duration.ofMillis(200), Duration.ofSeconds(20)))
                .throttlingBackoffStrategy(BackoffStrategy.exponentialDelay(Duration.ofSeconds(1), Duration.ofSeconds(60)))
                // every call has its attempts, whatever happened to the calls of other workers
                .circuitBreakerEnabled(false)
                .build();
    }

    private static SdkHttpClient.Builder<?> http(S3Settings settings) {
        Apache5HttpClient.Builder builder = Apache5HttpClient.builder()
                .maxConnections(CONNECTIONS)
                .connectionTimeout(Duration.ofSeconds(10))
                .connectionAcquisitionTimeout(Duration.ofMinutes(1))
                .socketTimeout(SILENCE)
                .tcpKeepAlive(true);
        settings.caFile().ifPresent(file -> builder.tlsTrustManagersProvider(trusting(file)));
        return builder;
    }

    private static TlsTrustManagersProvider trusting(Path caFile) {
        TrustManager[] managers = TrustedCertificates.of(caFile);
        return () -> managers;
    }

    private static AwsCredentialsProvider credentials(S3Settings settings, Function<SecretRef, String> secrets) {
        if (settings.accessKeyId().isEmpty()) {
            return Chain.PROVIDER;
        }
        String id = settings.accessKeyId().get();
        String key = secrets.apply(settings.secretAccessKey().orElseThrow());
        AwsCredentials credentials = settings.sessionToken()
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(id, key, secrets.apply(token)))
                .orElseGet(() -> AwsBasicCredentials.create(id, key));
        return StaticCredentialsProvider.create(credentials);
    }

    /** One for the server: it keeps clients and temporary keys of its own, which nobody would close. */
    private static final class Chain {
        static final AwsCredentialsProvider PROVIDER = DefaultCredentialsProvider.builder().build();
    }

    /** Amazon's own endpoints keep what they promise; others are asked. */
    static boolean isAmazon(S3Settings settings) {
        return settings.endpoint()
                .map(URI::getHost)
                .map(host -> host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn"))
                .orElse(true);
    }
}
