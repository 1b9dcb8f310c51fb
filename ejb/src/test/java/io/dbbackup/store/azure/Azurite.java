package io.dbbackup.store.azure;

import io.dbbackup.store.PeerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Azurite, Microsoft's emulator of Azure Blob, which checks keys and signatures; one of each kind per JVM, ended with it.
 * Most tests use the one without TLS: a JVM that has just begun encrypts slowly.
 */
final class Azurite {
    static final String ACCOUNT = "dbbackuptest";
    static final String CONTAINER = "backups";
    static final String KEY =
            Base64.getEncoder().encodeToString("a key that Azurite is started with, and nobody else".getBytes());
    private static final Pattern LISTENS = Pattern.compile("listens on https?://127\\.0\\.0\\.1:(\\d+)");

    private static Azurite plain;
    private static Azurite tls;

    private final int port;
    /** Of its certificate; empty without TLS. */
    private final Optional<Path> certificate;

    private Azurite(int port, Optional<Path> certificate) {
        this.port = port;
        this.certificate = certificate;
    }

    static synchronized Azurite get() {
        if (plain == null) {
            plain = start(false);
        }
        return plain;
    }

    /** With a certificate that nobody vouches for. */
    static synchronized Azurite withTls() {
        if (tls == null) {
            tls = start(true);
        }
        return tls;
    }

    private static Azurite start(boolean tls) {
        try {
            PeerProcess process = PeerProcess.start(
                    "azurite",
                    directory -> command(directory, tls),
                    Map.of("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY),
                    log -> LISTENS.matcher(log).find());
            Matcher matcher = LISTENS.matcher(process.log());
            if (!matcher.find()) {
                throw new IllegalStateException("Azurite does not say its port: " + process.log());
            }
            Azurite azurite = new Azurite(
                    Integer.parseInt(matcher.group(1)),
                    tls ? Optional.of(process.directory().resolve("ca.pem")) : Optional.empty());
            azurite.create(CONTAINER);
            return azurite;
        } catch (IOException e) {
            throw new IllegalStateException("cannot start Azurite", e);
        }
    }

    private static List<String> command(Path directory, boolean tls) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "node", installation().resolve("node_modules/azurite/dist/src/blob/main.js").toString(),
                "--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry", "--silent"));
        if (tls) {
            certify(directory);
            command.addAll(List.of("--cert", directory.resolve("azurite.pfx").toString(), "--pwd", "secret"));
        }
        return command;
    }

    private static void certify(Path directory) throws IOException {
        keytool("-genkeypair", "-keystore", directory.resolve("azurite.pfx").toString(), "-storetype", "PKCS12",
                "-storepass", "secret", "-alias", "azurite", "-keyalg", "EC", "-groupname", "secp256r1",
                "-dname", "CN=azurite", "-ext", "san=ip:127.0.0.1", "-validity", "30");
        keytool("-exportcert", "-rfc", "-keystore", directory.resolve("azurite.pfx").toString(), "-storepass", "secret",
                "-alias", "azurite", "-file", directory.resolve("ca.pem").toString());
    }

    private static void keytool(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add("-J-XX:TieredStopAtLevel=1");
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path installation() {
        String cache = System.getProperty("user.name").equals("root")
                ? "/var/cache"
                : Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).orElse(System.getProperty("user.home") + "/.cache");
        Path directory = Path.of(Optional.ofNullable(System.getenv("DBBACKUP_AZURITE")).orElse(cache + "/dbbackup/azurite"))
                .resolve("current");
        if (!Files.isDirectory(directory)) {
            throw new IllegalStateException(directory + " is missing: tests/peers/azurite/install puts Azurite there");
        }
        return directory;
    }

    int port() {
        return port;
    }

    Path certificate() {
        return certificate.orElseThrow();
    }

    /** Settings of a store below a prefix of its own, which is empty. */
    Map<String, String> settings() {
        return settings(port);
    }

    /** The same through another port, behind which this peer is. */
    Map<String, String> settings(int through) {
        Map<String, String> settings = settings(through, "test/" + UUID.randomUUID());
        certificate.ifPresent(file -> {
            settings.put("endpoint", "https://127.0.0.1:" + through);
            settings.put("caFile", file.toString());
        });
        return settings;
    }

    static Map<String, String> settings(int through, String prefix) {
        Map<String, String> settings = new HashMap<>();
        settings.put("endpoint", "http://127.0.0.1:" + through);
        settings.put("account", ACCOUNT);
        settings.put("container", CONTAINER);
        settings.put("prefix", prefix);
        settings.put("accountKeySecret", "env:AZURE_KEY");
        settings.put("partBytes", "5M");
        return settings;
    }

    static AzureStore store(Map<String, String> settings) {
        return store(settings, KEY);
    }

    static AzureStore store(Map<String, String> settings, String secret) {
        return (AzureStore) new AzureStoreProvider().open(settings, reference -> Optional.of(secret));
    }

    /** Azurite does not mind another time. */
    static AzureStore store(Map<String, String> settings, Clock clock) {
        AzureSettings read = AzureSettings.of(settings);
        return new AzureStore(read, AzureSigner.of(read, reference -> KEY), clock);
    }

    static AzureClient client(Map<String, String> settings) {
        AzureSettings read = AzureSettings.of(settings);
        return new AzureClient(read, AzureSigner.of(read, reference -> KEY), Clock.systemUTC());
    }

    private void create(String container) {
        Map<String, String> settings = settings();
        settings.put("container", container);
        try (AzureClient client = client(settings)) {
            client.send(AzureRequest.of("PUT", "").query("restype", "container"));
        }
    }

    /** A signature for everything in the account, made as the documentation says and not by code of the store. */
    static String sas(Instant until) {
        String end = until.truncatedTo(ChronoUnit.SECONDS).toString();
        String text = String.join("\n", ACCOUNT, "rwdlc", "b", "sco", "", end, "", "", "2021-12-02", "", "");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(KEY), "HmacSHA256"));
            String signature = Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
            return "sv=2021-12-02&ss=b&srt=sco&sp=rwdlc&se=" + end.replace(":", "%3A") + "&sig="
                    + signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
