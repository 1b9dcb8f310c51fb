package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.SftpVersionSelector;

/**
 * Makes connections, one at a time: servers refuse many that are not yet logged in (OpenSSH: {@code MaxStartups}).
 * Nothing of the home directory of the server's user takes part, neither keys nor {@code ~/.ssh/config}.
 */
final class Connector implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(15);
    private static final Duration LOG_IN = Duration.ofSeconds(60);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final int MISSED_KEEP_ALIVES = 3;

    private final SftpSettings settings;
    private final Identity identity;
    private final HostKeys hostKeys;
    private final SshClient client;
    private final List<NamedFactory<Signature>> signatures;

    Connector(SftpSettings settings, Identity identity) {
        this.settings = settings;
        this.identity = identity;
        this.hostKeys = new HostKeys(settings);
        this.client = SshClient.setUpDefaultClient();
        this.signatures = client.getSignatureFactories().stream()
                .sorted(Comparator.comparing(each -> !each.getName().equals(KeyPairProvider.SSH_ED25519)))
                .toList();
        client.setSignatureFactories(signatures);
        // ChaCha20, which comes first otherwise, is computed without the processor's help: half the throughput
        client.setCipherFactories(client.getCipherFactories().stream()
                .sorted(Comparator.comparing(each -> !each.getName().contains("gcm")))
                .toList());
        client.setServerKeyVerifier(hostKeys);
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setFilePasswordProvider(FilePasswordProvider.EMPTY);
        // its own: those of the client become those that the host key may have
        client.setUserAuthFactories(List.of(
                new UserAuthPublicKeyFactory(signatures),
                new UserAuthKeyboardInteractiveFactory(),
                new UserAuthPasswordFactory()));
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        CoreModuleProperties.NIO2_READ_TIMEOUT.set(client, Duration.ZERO);
        SftpModuleProperties.SFTP_CHANNEL_OPEN_TIMEOUT.set(client, LOG_IN);
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, KEEP_ALIVE);
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, MISSED_KEEP_ALIVES);
    }

    /** Blocks for at most about a minute and a half. @throws BackupException that says why it is not possible */
    synchronized Wire connect() {
        client.start();
        Optional<PublicKey> shown = Optional.empty();
        while (true) {
            hostKeys.forget();
            ClientSession session = null;
            try {
                Farewell farewell = new Farewell();
                session = client.connect(settings.user(), settings.host(), settings.port())
                        .verify(CONNECT)
                        .getSession();
                session.addSessionListener(farewell);
                identity.keys().forEach(session::addPublicKeyIdentity);
                identity.password().ifPresent(session::addPasswordIdentity);
                session.auth().verify(LOG_IN);
                SftpClient sftp = SftpClientFactory.instance()
                        .createSftpClient(session, SftpVersionSelector.fixedVersionSelector(3));
                return new Wire(session, sftp, farewell);
            } catch (IOException | RuntimeException e) {
                boolean loggedIn = session != null && session.isAuthenticated();
                boolean open = session != null && session.isOpen();
                if (session != null) {
                    session.close(true);
                }
                Optional<PublicKey> refused = hostKeys.refused();
                shown = shown.or(() -> refused);
                if (refused.isEmpty() || !askForAnotherKind(refused.get())) {
                    client.setSignatureFactories(signatures);
                    throw loggedIn ? withoutSftp(open, e) : explained(session != null, shown, e);
                }
            }
        }
    }

    /** Servers have a key of each kind, and the trusted one may be of another kind than the one shown. */
    private boolean askForAnotherKind(PublicKey refused) {
        String kind = KeyUtils.getKeyType(refused);
        List<NamedFactory<Signature>> left = new ArrayList<>(client.getSignatureFactories());
        left.removeIf(each -> kind.equals(KeyUtils.getCanonicalKeyType(each.getName())));
        boolean fewer = left.size() < client.getSignatureFactories().size();
        if (fewer && !left.isEmpty()) {
            client.setSignatureFactories(left);
        }
        return fewer && !left.isEmpty();
    }

    private BackupException explained(boolean connected, Optional<PublicKey> shown, Exception e) {
        String at = settings.host() + ":" + settings.port();
        String text = rootMessage(e);
        if (text.contains("authentication methods")) {
            return failure(ErrorCode.STORE_AUTHENTICATION_FAILED, "the server at " + at + " does not let the user "
                            + settings.user() + " in with " + with(),
                    "Correct user, private_key or password; a key must be in authorized_keys of that user, and that file"
                            + " writable by nobody else.", e);
        }
        if (shown.isPresent()) {
            return failure(ErrorCode.STORE_NOT_TRUSTED,
                    "the server at " + at + " shows the host key " + KeyUtils.getFingerPrint(shown.get())
                            + " (" + KeyUtils.getKeyType(shown.get()) + "), which is "
                            + settings.knownHosts().map(file -> "not its key in " + file).orElse("not its host_key"),
                    "Somebody may be in between: ask the server's administrator, and only then correct host_key or"
                            + " known_hosts.", e);
        }
        if (!connected) {
            return failure(ErrorCode.STORE_UNREACHABLE, "there is no connection to " + at + ": " + text,
                    "Check host, port, DNS and firewall from this machine, then restart the run.", e);
        }
        return failure(ErrorCode.STORE_UNREACHABLE, "the connection to " + at + " ended before the login: " + text,
                "Look at the log of the server; it may have too many connections or no algorithm in common.", e);
    }

    /** @param open whether the session is still there: one that ended says nothing about what the server offers */
    private BackupException withoutSftp(boolean open, Exception e) {
        if (!open || e instanceof SocketTimeoutException || e.getCause() instanceof TimeoutException) {
            return failure(ErrorCode.STORE_UNREACHABLE, "the server at " + settings.host()
                            + " let the user in, but SFTP did not start: " + rootMessage(e),
                    "Look at the load and the log of the server, then restart the run.", e);
        }
        return failure(ErrorCode.STORE_IO, "the server at " + settings.host() + " does not offer SFTP to the user "
                        + settings.user() + ": " + rootMessage(e),
                "Look at its sshd_config (Subsystem sftp, ForceCommand) and its log.", e);
    }

    private String with() {
        List<String> means = new ArrayList<>();
        identity.keys().forEach(key -> means.add("the key " + KeyUtils.getFingerPrint(key.getPublic())));
        identity.password().ifPresent(password -> means.add("the password"));
        return String.join(" or ", means);
    }

    private BackupException failure(ErrorCode code, String why, String remedy, Exception origin) {
        return new BackupException(code, "the store " + settings.location() + " cannot be used: " + why, remedy, origin);
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** Ends every connection. */
    @Override
    public void close() {
        client.stop();
    }
}
