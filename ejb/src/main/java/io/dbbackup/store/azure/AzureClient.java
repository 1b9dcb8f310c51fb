package io.dbbackup.store.azure;

import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.Bodies;
import io.dbbackup.store.web.RefusedException;
import io.dbbackup.store.web.Web;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Dates, signs and sends requests; what is no success is a {@link RefusedException}. Thread-safe. */
final class AzureClient implements AutoCloseable {
    /** The first with blocks of 4000 MiB and immutability of single versions was 2020-06-12; Azurite knows this one. */
    static final String API_VERSION = "2021-12-02";
    /** As RFC 1123 has it, with two digits for the day. */
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);

    private final AzureSettings settings;
    private final AzureSigner signer;
    private final Web web;
    private final Clock clock;

    AzureClient(AzureSettings settings, AzureSigner signer, Clock clock) {
        this.settings = settings;
        this.signer = signer;
        this.web = new Web(settings.caFile(), settings.retries());
        this.clock = clock;
    }

    /** @throws RefusedException when the answer is no success */
    Answer send(AzureRequest request) {
        return checked(web.send(() -> signed(request)));
    }

    /** The same with the body as a stream. */
    Answer open(AzureRequest request) {
        return checked(web.open(() -> signed(request)));
    }

    private static Answer checked(Answer answer) {
        if (!answer.success()) {
            String code = answer.header("x-ms-error-code").orElseGet(() -> AzureXml.text(answer.body(), "Code"));
            throw new RefusedException(answer, code, AzureXml.message(answer.body()));
        }
        return answer;
    }

    private HttpRequest signed(AzureRequest request) {
        String path = (settings.pathStyle() ? "/" + settings.account() : "") + "/" + settings.container()
                + (request.key().isEmpty() ? "" : "/" + request.key());
        Map<String, String> headers = new TreeMap<>(request.headers());
        headers.put("x-ms-version", API_VERSION);
        headers.put("x-ms-date", DATE.format(clock.instant()));
        HttpRequest.Builder builder = HttpRequest.newBuilder(address(path, request.query()))
                .timeout(web.patience(request.length()))
                .method(request.method(), Bodies.of(request.body(), 0, request.length()));
        headers.forEach(builder::setHeader);
        signer.authorization(request.method(), path, request.query(), headers, request.length())
                .ifPresent(authorization -> builder.setHeader("Authorization", authorization));
        return builder.build();
    }

    private URI address(String path, Map<String, String> query) {
        String text = query.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
        String all = text.isEmpty() || signer.query().isEmpty() ? text + signer.query() : text + "&" + signer.query();
        return URI.create(settings.endpoint() + path + (all.isEmpty() ? "" : "?" + all));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        web.close();
    }
}
