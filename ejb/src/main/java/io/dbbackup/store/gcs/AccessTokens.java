package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import io.dbbackup.store.web.Web;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Exchanges assertions of a service account for access tokens, and keeps one while it is valid. Thread-safe. */
final class AccessTokens {
    /** The code of a refused exchange. */
    static final String REFUSED = "token refused";

    private static final Duration RESERVE = Duration.ofMinutes(5);
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private final ServiceAccount account;
    private final Web web;
    private final Clock clock;
    private String token = "";
    private Instant renew = Instant.MIN;

    AccessTokens(ServiceAccount account, Web web, Clock clock) {
        this.account = account;
        this.web = web;
        this.clock = clock;
    }

    /** @throws RefusedException when the exchange is refused */
    synchronized String get() {
        if (!clock.instant().isBefore(renew)) {
            exchange();
        }
        return token;
    }

    /** A store did not accept this one. */
    synchronized void refused(String refused) {
        if (token.equals(refused)) {
            renew = Instant.MIN;
        }
    }

    private void exchange() {
        Answer answer = web.send(() -> HttpRequest.newBuilder(account.tokenUri())
                .timeout(web.patience(0))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=" + URLEncoder.encode(GRANT, StandardCharsets.UTF_8)
                        + "&assertion=" + account.assertion(clock.instant())))
                .build());
        JsonNode body = GcsJson.read(answer.body());
        if (!answer.success() || body.path("access_token").asText().isEmpty()) {
            throw new RefusedException(
                    answer, REFUSED, (body.path("error").asText() + " " + body.path("error_description").asText()).strip());
        }
        token = body.path("access_token").asText();
        Duration valid = Duration.ofSeconds(body.path("expires_in").asLong(0));
        Duration reserve = valid.compareTo(RESERVE.multipliedBy(2)) > 0 ? RESERVE : valid.dividedBy(2);
        renew = clock.instant().plus(valid).minus(reserve);
    }
}
