package io.dbbackup.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunFollowerTest {
    @Test
    void when_the_server_does_not_come_back_the_run_and_how_it_goes_on_are_named() {
        // nobody listens on port 1
        ApiClient api = new ApiClient(URI.create("http://127.0.0.1:1"), "ann", Optional.empty());
        StringWriter said = new StringWriter();
        RunFollower follower = new RunFollower(api, new PrintWriter(said, true), false, Duration.ofMillis(600));
        ApiException lost = catchThrowableOfType(ApiException.class, () -> follower.watch(
                ApiClient.JSON.createObjectNode().put("id", "R-1").put("state", "RUNNING"), Optional.empty()));
        assertThat(lost.exitCode()).isEqualTo(69);
        assertThat(lost.reason()).contains("run R-1 was under way");
        assertThat(lost.remedy()).contains("dbbackup server start", "dbbackup runs R-1", "dbbackup restart R-1");
        assertThat(said.toString()).containsOnlyOnce("waiting for it to come back");
    }

    /** As a proxy that has a page of its own for a server that is away: the run is dbbackup's all the same. */
    @Test
    void another_server_that_answers_in_its_place_is_one_that_has_gone_away() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        other.start();
        try {
            ApiClient api = new ApiClient(URI.create("http://127.0.0.1:" + other.getAddress().getPort()), "ann", Optional.empty());
            RunFollower follower = new RunFollower(api, new PrintWriter(new StringWriter(), true), false, Duration.ofMillis(600));
            ApiException lost = catchThrowableOfType(ApiException.class, () -> follower.watch(
                    ApiClient.JSON.createObjectNode().put("id", "R-1").put("state", "RUNNING"), Optional.empty()));
            assertThat(lost.exitCode()).isEqualTo(69);
            assertThat(lost.remedy()).contains("dbbackup runs R-1");
        } finally {
            other.stop(0);
        }
    }
}
