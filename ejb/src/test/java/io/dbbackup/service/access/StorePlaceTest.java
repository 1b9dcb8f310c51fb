package io.dbbackup.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.StoreConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StorePlaceTest {
    private static StoreConfig sftp(String name, String user, String port, String path) {
        return new StoreConfig(name, "sftp", Map.of("host", "nas", "user", user, "port", port, "path", path));
    }

    @Test
    void two_users_of_an_sftp_server_have_different_places_and_one_user_has_one() {
        StoreConfig first = sftp("first", "anna", "22", "backup");
        StoreConfig other = sftp("other", "bert", "22", "backup");
        StoreConfig again = sftp("again", "anna", "22", "backup/");
        assertThat(StorePlace.twin(first, List.of(first, other))).isEmpty();
        assertThat(StorePlace.twin(first, List.of(other, again))).contains(again);
        assertThat(StorePlace.twin(first, List.of(sftp("port", "anna", "2222", "backup")))).isEmpty();
    }

    @Test
    void how_a_place_is_reached_does_not_matter() {
        StoreConfig key = new StoreConfig(
                "key", "s3", Map.of("bucket", "b", "endpoint", "https://s3/", "accessKeyId", "one"));
        StoreConfig otherKey = new StoreConfig(
                "other", "s3", Map.of("bucket", "b", "endpoint", "https://s3", "accessKeyId", "two", "prefix", ""));
        assertThat(StorePlace.twin(key, List.of(otherKey))).contains(otherKey);
    }
}
