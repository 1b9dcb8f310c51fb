package io.dbbackup.store.sftp;

import java.net.SocketAddress;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.client.keyverifier.KnownHostsServerKeyVerifier;
import org.apache.sshd.client.keyverifier.RejectAllServerKeyVerifier;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;

/** Accepts the keys of the configuration and remembers which other one was shown. One connection attempt at a time. */
final class HostKeys implements ServerKeyVerifier {
    private final List<String> fingerprints;
    private final Optional<ServerKeyVerifier> file;
    private volatile PublicKey refused;

    HostKeys(SftpSettings settings) {
        this.fingerprints = settings.hostKeys();
        this.file = settings.knownHosts()
                .map(path -> new KnownHostsServerKeyVerifier(RejectAllServerKeyVerifier.INSTANCE, path));
    }

    @Override
    public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey key) {
        boolean accepted = file.map(known -> known.verifyServerKey(session, address, key))
                .orElseGet(() -> fingerprints.contains(KeyUtils.getFingerPrint(key)));
        refused = accepted ? null : key;
        return accepted;
    }

    void forget() {
        refused = null;
    }

    /** The key that the last attempt ended with, if that was why it ended. */
    Optional<PublicKey> refused() {
        return Optional.ofNullable(refused);
    }
}
