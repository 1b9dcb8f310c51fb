package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
    private static final String GOOD =
            """
            sources:
              - name: shop
                engine: postgresql
                host: localhost
                user: backup
            stores:
              - {name: disk, type: file, path: /tmp/x}
            policies:
              - {name: nightly, source: shop, store: disk}
            """;

    @Test
    void what_is_left_out_gets_its_default() {
        ConfigFile file = read(GOOD);
        assertThat(file.sources()).containsExactly(new SourceConfig(
                "shop", "postgresql", "localhost", 5432, "backup", Optional.empty(), "postgres", Optional.empty(), Map.of()));
        assertThat(file.policies().get(0)).satisfies(policy -> {
            assertThat(policy.codec()).isEqualTo("zstd");
            assertThat(policy.partBytes()).isEqualTo(2L << 30);
            assertThat(policy.continueOnError()).isFalse();
            assertThat(policy.retention()).isEmpty();
            assertThat(policy.reuseWithin()).isEmpty();
        });
    }

    @Test
    void a_source_whose_engine_needs_no_database_to_connect_to_has_none_and_is_written_without_one() {
        ConfigFile file = read(GOOD.replace("postgresql", "mariadb"));
        assertThat(file.sources()).containsExactly(new SourceConfig(
                "shop", "mariadb", "localhost", 3306, "backup", Optional.empty(), "", Optional.empty(), Map.of()));
        assertThat(read(ConfigWriter.yaml(file)).sources()).isEqualTo(file.sources());
        assertThatThrownBy(() -> read(GOOD.replace("postgresql", "mariadb\n    database: shop")))
                .hasMessageContaining("has no database to connect to");
    }

    @Test
    void references_to_secrets_are_read_and_secrets_in_clear_are_refused_without_repeating_them() {
        assertThat(read(GOOD.replace("user: backup", "user: backup\n    password_file: /run/secrets/pw"))
                        .sources()
                        .get(0)
                        .password())
                .contains(new SecretRef(SecretRef.Kind.FILE, "/run/secrets/pw"));
        assertThat(errorsOf(GOOD.replace("user: backup", "user: backup\n    password: hunter2")))
                .containsExactly("line 6, column 15: source \"shop\": password is given in clear. Give one of password_env"
                        + " (environment variable of the server), password_file (absolute path) or password_credential"
                        + " (alias in the server's credential store).");
        // of the keys that are offered for another one it is none
        assertThat(errorsOf(GOOD.replace("user: backup", "user: backup\n    password: hunter2\n    pasword: x")))
                .hasSize(2)
                .anySatisfy(error -> assertThat(error).contains("unknown key \"pasword\"", "password_file").doesNotContain("password,", "\"password\""));
        assertThat(errorsOf(GOOD.replace("user: backup", "user: backup\n    password_file: hunter2")))
                .containsExactly("line 6, column 20: source \"shop\": password_file is not a reference. Give the absolute"
                        + " path of a file that the server can read.");
        assertThat(errorsOf(GOOD.replace("user: backup", "user: b\n    password_env: A\n    password_file: /b")))
                .singleElement()
                .asString()
                .startsWith("line 7, column 20: source \"shop\": there is more than one reference to the password.");
        assertThat(errorsOf(GOOD.replace("user: backup", "user: b\n    options: {password: hunter2}")))
                .singleElement()
                .asString()
                .startsWith("line 6, column 25: source \"shop\": options: password is given in clear.")
                .doesNotContain("hunter2");
        assertThat(errorsOf(GOOD.replace("host: localhost", "host: postgres://u:hunter2@h")))
                .singleElement()
                .asString()
                .startsWith("line 4, column 11: source \"shop\": host is not a host name")
                .doesNotContain("hunter2");
        assertThat(errorsOf(GOOD.replace("path: /tmp/x", "path: /tmp/x, secret_key: hunter2")))
                .singleElement()
                .asString()
                .startsWith("line 7, column 56: store \"disk\": secret_key is given in clear.")
                .doesNotContain("hunter2");
    }

    @Test
    void the_id_of_an_access_key_is_a_name_and_the_key_is_a_secret() {
        String id = GOOD.replace("path: /tmp/x", "path: /tmp/x, access_key_id: AKIA");
        String key = GOOD.replace("path: /tmp/x", "path: /tmp/x, access_key: AKIA");
        // the store of this test knows neither
        assertThat(errorsOf(id)).singleElement().asString().doesNotContain("in clear");
        assertThat(errorsOf(key)).anySatisfy(error -> assertThat(error).contains("access_key is given in clear"));
        for (String name : List.of("account_key", "sas_token", "service_account_key")) {
            String clear = GOOD.replace("path: /tmp/x", "path: /tmp/x, " + name + ": hidden");
            assertThat(errorsOf(clear))
                    .anySatisfy(error -> assertThat(error).contains(name + " is given in clear"))
                    .allSatisfy(error -> assertThat(error).doesNotContain("hidden"));
        }
    }

    @Test
    void all_errors_are_reported_at_once_in_the_order_of_the_file() {
        assertThat(errorsOf(
                        """
                        sources:
                          - name: shop
                            engine: postgres
                            host: localhost
                            prot: 5432
                            user: backup
                            timezone: Europe/Berlim
                          - name: shop
                            engine: postgresql
                            host: localhost
                            port: 99999
                            user:
                        stores:
                          - type: file
                            path: /tmp/x
                        policies:
                          - name: "nightly backup"
                            source: shpo
                            store: disk
                            workers: many
                            role_passwords: yes
                            on_error: ignore
                            part_size: 1 furlong
                            compression: {codec: zstd, level: 99}
                            retention: {daily: -1, max_age: old}
                        notification: []
                        """))
                .containsExactly(
                        "line 3, column 13: source \"shop\": engine is \"postgres\". Did you mean \"postgresql\"? Give one of:"
                                + " mariadb, postgresql.",
                        "line 5, column 5: source \"shop\": unknown key \"prot\". Did you mean \"port\"? The keys here are:"
                                + " bandwidth, database, engine, host, max_connections, name, options, password_credential,"
                                + " password_env, password_file,"
                                + " port, require_encryption, timezone, user.",
                        "line 7, column 15: source \"shop\": \"Europe/Berlim\" is not a time zone. Did you mean"
                                + " \"Europe/Berlin\"? Give an IANA name, for example Europe/Berlin.",
                        "line 8, column 11: source \"shop\": this name is already used in line 2. Give each source its own"
                                + " name.",
                        "line 11, column 11: source \"shop\": port is \"99999\". Give a whole number from 1 to 65535.",
                        "line 12, column 5: source \"shop\": user has no value. Give a value or leave the key out.",
                        "line 14, column 5: stores[1]: name is missing. Give each store a name.",
                        "line 17, column 11: policy \"nightly backup\": the name cannot be used. Use 1 to 100 letters, digits,"
                                + " dots, dashes and underscores; begin with a letter or digit.",
                        "line 18, column 13: policy \"nightly backup\": there is no source \"shpo\". Did you mean \"shop\"?"
                                + " Add it, or name one of: shop.",
                        "line 19, column 12: policy \"nightly backup\": there is no store \"disk\". Add a store of that name.",
                        "line 20, column 14: policy \"nightly backup\": workers is \"many\". Give a whole number from 0 to"
                                + " 64.",
                        "line 21, column 21: policy \"nightly backup\": role_passwords is \"yes\". Give one of: true, false.",
                        "line 22, column 15: policy \"nightly backup\": on_error is \"ignore\". Give one of: stop, continue.",
                        "line 23, column 16: policy \"nightly backup\": part_size is \"1 furlong\". Give bytes with an"
                                + " optional unit K, M, G or T, for example 256M. The smallest is 1M.",
                        "line 24, column 39: policy \"nightly backup\": compression: level is \"99\". Give a whole number from"
                                + " -7 to 19.",
                        "line 25, column 24: policy \"nightly backup\": retention: daily is \"-1\". Give a whole number from 0"
                                + " to 100000.",
                        "line 25, column 37: policy \"nightly backup\": retention: max_age is \"old\". Give a positive number"
                                + " with a unit s, m, h, d or w, for example 30d, or an ISO 8601 duration.",
                        "line 26, column 1: unknown key \"notification\". Did you mean \"notifications\"? The keys here are:"
                                + " keys, limits, notifications, policies, require_encryption, sources, stores.");
    }

    @Test
    void wrong_shapes_are_named() {
        assertThat(errorsOf("sources: {name: shop}"))
                .containsExactly("line 1, column 10: sources: this is a mapping, not a list. Begin each item with \"- name:\".");
        assertThat(errorsOf("sources: [shop]"))
                .containsExactly("line 1, column 11: sources[1]: this is a single value, not a mapping. Write keys with values,"
                        + " one per line.");
        assertThat(errorsOf("- a"))
                .containsExactly("line 1, column 1: this is a list, not a mapping. Write keys with values, one per line.");
        assertThat(errorsOf(GOOD.replace("host: localhost", "host: [a, b]")))
                .containsExactly("line 4, column 11: source \"shop\": host is a list. Give a single value.");
        assertThat(errorsOf(GOOD.replace("user: backup", "user: backup\n    user: other")))
                .containsExactly("line 6, column 5: source \"shop\": \"user\" is given twice. Keep one of them.");
        assertThat(errorsOf("")).containsExactly(
                "line 1, column 1: the file is empty. Give sources, stores, policies or notifications.");
    }

    @Test
    void text_that_is_not_yaml_is_refused_with_its_place() {
        assertThat(errorsOf("sources:\n\t- name: x")).singleElement().asString().startsWith("line 2, column 1: not YAML: ");
        assertThat(errorsOf("sources: [a")).singleElement().asString().startsWith("line 1, column 12: not YAML: ");
        assertThat(errorsOf("a: b\n---\nc: d\n")).singleElement().asString().startsWith("line 2, column 1: not YAML: ");
    }

    @Test
    void options_are_checked_by_the_engine_each_at_its_line() {
        assertThat(errorsOf(GOOD.replace("user: backup", "user: backup\n    options:\n      sslmod: require\n      sslmode: on")))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .startsWith("line 7, column 7: source \"shop\": options: PostgreSQL has no option \"sslmod\"."),
                        second -> assertThat(second)
                                .startsWith("line 8, column 7: source \"shop\": options: option \"sslmode\" of a PostgreSQL"));
    }

    @Test
    void options_that_go_together_pass_and_others_are_refused_at_their_lines() {
        String maria = "sources:\n  - name: shop\n    engine: mariadb\n    host: db\n    user: backup\n    options: {sslMode: %s, sslCa: /ca.pem}\n";
        assertThat(read(maria.formatted("VERIFY_IDENTITY")).sources().get(0).options()).containsEntry("sslCa", "/ca.pem");
        assertThat(errorsOf(maria.formatted("REQUIRED"))).singleElement().asString()
                .startsWith("line 6, column 14: source \"shop\": options: option \"sslCa\"").contains("sslMode=REQUIRED");
    }

    @Test
    void a_policy_may_name_what_was_applied_before() {
        ConfigFile file = new ConfigReader(new TestPlugins())
                .read("policies:\n  - {name: p, source: shop, store: disk}", read(GOOD));
        assertThat(file.policies()).hasSize(1);
    }

    @Test
    void parts_are_reused_for_a_week_unless_another_age_is_given() {
        assertThat(read(GOOD.replace("store: disk}", "store: disk, reuse_parts: true}")).policies().get(0).reuseWithin())
                .contains(Duration.ofDays(7));
        assertThat(read(GOOD.replace("store: disk}", "store: disk, reuse_parts: true, reuse_within: 12h}"))
                        .policies().get(0).reuseWithin())
                .contains(Duration.ofHours(12));
        assertThat(errorsOf(GOOD.replace("store: disk}", "store: disk, reuse_within: 12h}")))
                .singleElement().asString().contains("reuse_within is given without reuse_parts");
        assertThat(errorsOf(GOOD.replace("store: disk}", "store: disk, reuse_parts: true, reuse_within: long}")))
                .singleElement().asString().contains("reuse_within is \"long\"");
    }

    @Test
    void contradictions_are_refused() {
        assertThat(errorsOf(GOOD.replace("store: disk}", "store: disk, databases: [a], exclude: [b]}")))
                .singleElement().asString().contains("databases and exclude are both given");
        assertThat(errorsOf(GOOD.replace("store: disk}", "store: disk, retention: {min_count: 3}}")))
                .singleElement().asString().contains("no rule says which sets to keep");
        assertThat(errorsOf(GOOD.replace("store: disk}", "store: disk, compression: {codec: none, level: 3}}")))
                .singleElement().asString().contains("codec none has no levels");
    }

    @Test
    void a_mail_channel_needs_addresses() {
        String channel = "notifications:\n  - {name: dba, type: mail, to: %s}\n";
        assertThat(read(channel.formatted("[a@example.org, b@example.org]")).notifications().get(0).settings())
                .containsExactly(Map.entry("to", "a@example.org, b@example.org"));
        assertThat(errorsOf(channel.formatted("nobody")))
                .containsExactly("line 2, column 5: notification \"dba\": \"nobody\" is no complete mail address. Give an"
                        + " address such as dba@example.org.");
        assertThat(errorsOf("notifications:\n  - {name: dba, type: mail, when: sometimes}\n"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("to is missing"),
                        second -> assertThat(second)
                                .contains("when is \"sometimes\". Give one of: success, failure, always."));
    }

    @Test
    void durations_and_sizes_are_read_as_people_write_them() {
        assertThat(Quantities.duration("30d")).contains(Duration.ofDays(30));
        assertThat(Quantities.duration("2w")).contains(Duration.ofDays(14));
        assertThat(Quantities.duration("PT36H")).contains(Duration.ofHours(36));
        assertThat(List.of("0d", "-1d", "d", "P0D", "soon")).allMatch(text -> Quantities.duration(text).isEmpty());
        assertThat(Quantities.bytes("256M")).contains(256L << 20);
        assertThat(Quantities.bytes("1 GiB")).contains(1L << 30);
        assertThat(Quantities.bytes("9999999999T")).isEmpty();
        assertThat(List.of(0L, 1L, 1024L, 1500L, 3L << 30)).allMatch(
                bytes -> Quantities.bytes(Quantities.bytes(bytes)).orElseThrow().equals(bytes));
    }

    private static ConfigFile read(String yaml) {
        return new ConfigReader(new TestPlugins()).read(yaml, ConfigFile.EMPTY);
    }

    private static List<String> errorsOf(String yaml) {
        InvalidConfigurationException refused =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(yaml));
        assertThat(refused).as("refused").isNotNull();
        return refused.errors().stream().map(ConfigError::toString).toList();
    }
}
