package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;

/** With what we prove who we are: keys first, then the password. */
record Identity(List<KeyPair> keys, Optional<String> password) {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /** @throws BackupException SECRET_UNAVAILABLE, KEY_INVALID, KEY_WRONG */
    static Identity of(SftpSettings settings, Function<SecretRef, String> secrets) {
        List<KeyPair> keys = new ArrayList<>();
        settings.privateKey().ifPresent(reference -> {
            checkPermissions(settings, reference);
            keys.addAll(parse(settings, reference, secrets));
        });
        return new Identity(keys, settings.password().map(secrets));
    }

    /** As ssh does: a key that others can read is no proof of anything. */
    private static void checkPermissions(SftpSettings settings, SecretRef reference) {
        if (reference.kind() != SecretRef.Kind.FILE) {
            return;
        }
        Path file = Path.of(reference.value());
        try {
            if (Files.exists(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw invalid(settings, file + " can be used by others than its owner", "Run: chmod 600 " + file, null);
            }
        } catch (UnsupportedOperationException e) {
            // a file system without permissions
        } catch (IOException e) {
            throw invalid(settings, file + " cannot be looked at", "Make it readable for the server's user alone.", e);
        }
    }

    private static List<KeyPair> parse(
            SftpSettings settings, SecretRef reference, Function<SecretRef, String> secrets) {
        byte[] text = (secrets.apply(reference).strip() + "\n").getBytes(StandardCharsets.UTF_8);
        Optional<String> passphrase = settings.passphrase().map(secrets);
        boolean[] asked = {false};
        FilePasswordProvider provider = (session, resource, attempt) -> {
            asked[0] = true;
            return attempt == 0 ? passphrase.orElse(null) : null;
        };
        Throwable failure = null;
        try {
            Iterable<KeyPair> found = SecurityUtils.loadKeyPairIdentities(
                    null, NamedResource.ofName(reference.toString()), new ByteArrayInputStream(text), provider);
            List<KeyPair> keys = new ArrayList<>();
            if (found != null) {
                found.forEach(keys::add);
            }
            if (!keys.isEmpty()) {
                return keys;
            }
        } catch (IOException | GeneralSecurityException | RuntimeException | LinkageError e) {
            // the last: the library reads some formats with parts of Bouncy Castle that are not there
            failure = e;
        }
        if (asked[0]) {
            throw new BackupException(
                    ErrorCode.KEY_WRONG,
                    (passphrase.isEmpty() ? "there is no passphrase for " : "the passphrase does not open ")
                            + "the private key " + reference + " of the store " + settings.location(),
                    "Correct passphrase_env (or _file, _credential).",
                    failure);
        }
        throw invalid(settings, reference + " is no private key that is understood",
                "Give a key as ssh-keygen writes it (-t ed25519, ecdsa or rsa), the whole file; convert others with ssh-keygen -p -f FILE.",
                failure);
    }

    private static BackupException invalid(SftpSettings settings, String what, String remedy, Throwable origin) {
        return new BackupException(
                ErrorCode.KEY_INVALID,
                "the private key of the store " + settings.location() + " cannot be used: " + what,
                remedy,
                origin);
    }

    /** Never says what is in it. */
    @Override
    public String toString() {
        return "Identity[" + keys.size() + " keys" + (password.isPresent() ? ", password]" : "]");
    }
}
