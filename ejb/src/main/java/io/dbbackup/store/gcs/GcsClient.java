package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import io.dbbackup.store.web.Web;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Sends requests with an access token; what is no success is a {@link RefusedException}. Thread-safe. */
final class GcsClient implements AutoCloseable {
    private final GcsSettings settings;
    private final Web web;
    private final AccessTokens tokens;

    GcsClient(GcsSettings settings, ServiceAccount account, Clock clock) {
        this.settings = settings;
        this.web = new Web(settings.caFile(), settings.retries());
        this.tokens = new AccessTokens(account, web, clock);
    }

    /** @throws RefusedException when the answer is no success */
    Answer send(GcsRequest request) {
        return checked(authorized(request, Web::send));
    }

    JsonNode json(GcsRequest request) {
        return GcsJson.read(send(request).body());
    }

    /** With the body as a stream. */
    Answer open(GcsRequest request) {
        return checked(authorized(request, Web::open));
    }

    /** To a session, whose address is all the authorization it needs; any status is an answer. */
    Answer session(GcsRequest request) {
        return web.send(() -> builder(request, URI.create(request.path())).build());
    }

    private Answer authorized(GcsRequest request, BiFunction<Web, Supplier<HttpRequest>, Answer> sender) {
        String token = tokens.get();
        Answer answer = sender.apply(web, () -> signed(request, token));
        if (answer.status() != 401) {
            return answer;
        }
        tokens.refused(token); // it may have been revoked, or our clock is slow
        String another = tokens.get();
        return sender.apply(web, () -> signed(request, another));
    }

    private HttpRequest signed(GcsRequest request, String token) {
        return builder(request, URI.create(settings.endpoint() + request.path()))
                .setHeader("Authorization", "Bearer " + token)
                .build();
    }

    private HttpRequest.Builder builder(GcsRequest request, URI address) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(address)
                .timeout(web.patience(request.length()))
                .method(request.method(), request.body());
        request.headers().forEach(builder::setHeader);
        return builder;
    }

    static Answer checked(Answer answer) {
        if (!answer.success()) {
            JsonNode error = GcsJson.read(answer.body()).path("error");
            String reason = error.path("errors").path(0).path("reason").asText("");
            throw new RefusedException(answer, reason, error.path("message").asText(""));
        }
        return answer;
    }

    @Override
    public void close() {
        web.close();
    }
}
