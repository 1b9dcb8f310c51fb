package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Keys that backup sets are encrypted for. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "Make keys, look at them, let other keys open a backup set.",
        subcommands = {KeysCommand.Generate.class, KeysCommand.ListKeys.class, KeysCommand.Rotate.class})
public final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "keys needs a command: generate, list or rotate");
    }

    /** Makes a key here, without the server: a secret never travels. */
    @Command(
            name = "generate",
            mixinStandardHelpOptions = true,
            description = {
                "Make a key on this machine, without the server. Overwrites nothing.",
                "key-file: FILE. x25519, rsa: FILE (private) and FILE.pub (public: all that a machine needs that only"
                        + " writes backups).",
                "Keep a copy where the backups are not: without the key nobody opens them."
            })
    public static final class Generate implements Callable<Integer> {
        /** sysexits.h: EX_CANTCREAT. */
        private static final int CANNOT_CREATE = 73;
        private static final SecureRandom RANDOM = new SecureRandom();

        @Option(names = "--type", required = true, paramLabel = "TYPE", description = "key-file, x25519 or rsa.")
        private String type;

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to make, with mode 0600.")
        private Path file;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            try {
                switch (type) {
                    case "key-file" -> {
                        write(file, keyFile(), "rw-------");
                        say(file + " opens and encrypts");
                    }
                    case "x25519", "rsa" -> {
                        KeyPair pair = pair();
                        Path publicFile = file.resolveSibling(file.getFileName() + ".pub");
                        if (Files.exists(publicFile)) {
                            throw new FileAlreadyExistsException(publicFile.toString());
                        }
                        write(file, pem("PRIVATE KEY", pair.getPrivate()), "rw-------");
                        write(publicFile, pem("PUBLIC KEY", pair.getPublic()), "rw-r--r--");
                        say(file + " opens, " + publicFile + " encrypts");
                    }
                    default -> throw new ParameterException(
                            spec.commandLine(), "--type is \"" + type + "\"; give key-file, x25519 or rsa");
                }
                return 0;
            } catch (FileAlreadyExistsException e) {
                throw ApiException.usage(
                        e.getFile() + " exists already; it is left as it is", "Give another name, or move that file away.");
            } catch (IOException e) {
                throw new ApiException(
                        "FILE_NOT_WRITABLE",
                        "the key cannot be written to " + file + " (" + e.getClass().getSimpleName() + ")",
                        "Name a file in a directory that exists and that you may write to.",
                        CANNOT_CREATE);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java platform cannot make a key of type " + type, e);
            }
        }

        private void say(String text) {
            spec.commandLine().getOut().println(text);
        }

        private static String keyFile() throws GeneralSecurityException {
            byte[] secret = new byte[32];
            RANDOM.nextBytes(secret);
            String line = "DBBACKUP-KEY-1:" + HexFormat.of().formatHex(secret);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(line.getBytes(StandardCharsets.US_ASCII));
            return "# Key of dbbackup. Whoever has it opens the backups; without it nobody does.\n" + line + ":"
                    + HexFormat.of().formatHex(digest, 0, 4) + "\n";
        }

        private KeyPair pair() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type.equals("rsa") ? "RSA" : "X25519");
            if (type.equals("rsa")) {
                generator.initialize(3072);
            }
            return generator.generateKeyPair();
        }

        private static String pem(String label, Key key) {
            return "-----BEGIN " + label + "-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                    + "\n-----END " + label + "-----\n";
        }

        /** The mode is there before the content is. */
        private static void write(Path file, String text, String mode) throws IOException {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
            Files.writeString(file, text, StandardOpenOption.WRITE);
        }
    }

    /** Lists what is configured. */
    @Command(name = "list", description = "List the configured keys with their fingerprints; never a key.")
    public static final class ListKeys extends ApiCommand {
        public ListKeys(Shared shared) {
            super(shared);
        }

        @Override
        public Integer call() {
            JsonNode keys = api().get("/keys", Map.of(), ApiClient.LIST);
            if (json) {
                printJson(keys);
                return 0;
            }
            Table table = new Table("KEY", "TYPE", "FINGERPRINT", "OPENS HERE", "PROBLEM");
            keys.forEach(key -> table.row(
                    key.path("name").asText(),
                    key.path("type").asText(),
                    key.path("id").asText(""),
                    key.path("opens").asBoolean() ? "yes" : "no",
                    key.path("problem").asText("")));
            table.print(out());
            return 0;
        }
    }

    /** Lets other keys open a set. */
    @Command(
            name = "rotate",
            description = {
                "Wrap the key of a backup set for other recipients. No data is encrypted again; nothing is overwritten, so"
                        + " keys that opened the set before still do."
            })
    public static final class Rotate extends ApiCommand {
        @Option(names = "--set", required = true, paramLabel = "SET", description = "Id of a set, or latest:SOURCE.")
        private String set;

        @Option(
                names = "--to",
                required = true,
                split = ",",
                paramLabel = "KEY",
                description = "Names of the keys that shall open it.")
        private List<String> recipients;

        public Rotate(Shared shared) {
            super(shared);
        }

        @Override
        public Integer call() {
            ObjectNode body = ApiClient.JSON.createObjectNode().put("set", set);
            recipients.forEach(body.putArray("recipients")::add);
            JsonNode rotated = api().post("/keys/rotations", Map.of(), body, Map.of(), "documents");
            if (json) {
                printJson(rotated);
            } else if (rotated.path("documents").isEmpty()) {
                out().println(rotated.path("set").asText() + " is not encrypted");
            } else {
                out().println(rotated.path("set").asText() + " can now be opened with " + String.join(", ", recipients));
            }
            return 0;
        }
    }
}
