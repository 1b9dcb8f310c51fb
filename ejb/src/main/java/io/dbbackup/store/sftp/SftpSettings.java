package io.dbbackup.store.sftp;

import io.dbbackup.model.SecretRef;
import io.dbbackup.store.SettingsReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a store of type {@code sftp}, checked; {@code docs/configuration.md} has their meaning.
 *
 * @param path without a slash at its end; relative to the login directory unless it begins with one
 * @param hostKeys fingerprints as {@code ssh-keygen -l} prints them; empty when a file has the keys
 * @param retries so many times in a row a transfer may lose its connection without getting on
 */
record SftpSettings(
        String host,
        int port,
        String user,
        String path,
        List<String> hostKeys,
        Optional<Path> knownHosts,
        Optional<SecretRef> privateKey,
        Optional<SecretRef> passphrase,
        Optional<SecretRef> password,
        int retries) {

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    static SftpSettings of(Map<String, String> settings) {
        SettingsReader reader = new SettingsReader("sftp", settings);
        SftpSettings read = new SftpSettings(
                reader.required("host", "[A-Za-z0-9._:-]{1,255}", "the name or address of the server"),
                reader.number("port", 22, 1, 65_535),
                reader.required("user", "[^\\s\\p{Cntrl}]{1,100}", "the name of the user on the server"),
                path(reader),
                reader.text(
                                "hostKey",
                                "SHA256:[A-Za-z0-9+/]{43}(,\\s*SHA256:[A-Za-z0-9+/]{43})*",
                                "what this prints, compared with what the server's administrator says:"
                                        + " ssh-keyscan HOST | ssh-keygen -lf -  (SHA256: and 43 characters; a list is"
                                        + " possible)")
                        .map(keys -> List.of(keys.split(",\\s*")))
                        .orElse(List.of()),
                reader.file("knownHosts", "a file as ~/.ssh/known_hosts"),
                reader.secret("privateKeySecret"),
                reader.secret("passphraseSecret"),
                reader.secret("passwordSecret"),
                reader.number("retries", 5, 0, 20));
        reader.refuseOthers();
        read.checkTogether(reader);
        return read;
    }

    private static String path(SettingsReader reader) {
        String what = "a directory of the server, absolute or below the login directory, without . and ..";
        String path = reader.required("path", "/?[^/\\p{Cntrl}]{1,255}(/[^/\\p{Cntrl}]{1,255}){0,50}/?", what);
        for (String segment : path.split("/")) {
            if (segment.equals(".") || segment.equals("..")) {
                throw reader.invalid("has the path \"" + path + "\"", "Set path to " + what + ".");
            }
        }
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private void checkTogether(SettingsReader reader) {
        if (hostKeys.isEmpty() == knownHosts.isEmpty()) {
            throw reader.invalid(
                    hostKeys.isEmpty() ? "has neither host_key nor known_hosts" : "has both host_key and known_hosts",
                    "Give one of them: without it nobody could tell the server from an impostor.");
        }
        if (privateKey.isEmpty() && password.isEmpty()) {
            throw reader.invalid(
                    "has neither private_key nor password",
                    "Give private_key_file (or _env, _credential), or password_env (or _file, _credential).");
        }
        if (passphrase.isPresent() && privateKey.isEmpty()) {
            throw reader.invalid("has a passphrase without a private_key", "Give the key that it opens.");
        }
    }

    /** Where it is, for people; no secret in it. */
    String location() {
        return "sftp://" + user + "@" + host + (port == 22 ? "" : ":" + port) + "/"
                + (path.startsWith("/") ? path : "~/" + path);
    }
}
