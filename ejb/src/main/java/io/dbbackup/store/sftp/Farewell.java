package io.dbbackup.store.sftp;

import java.util.Optional;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;

/** Why a session ended, if one of its two ends has said so. Thread-safe. */
final class Farewell implements SessionListener {
    private static final int LONGEST = 300;

    private volatile String reason;

    Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    @Override
    public void sessionException(Session session, Throwable e) {
        keep(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    @Override
    public void sessionDisconnect(Session session, int code, String said, String language, boolean ours) {
        keep((ours ? "ended here: " : "the server ended it: ") + said);
    }

    private void keep(String said) {
        if (reason == null) {
            String line = said.replaceAll("\\p{Cntrl}", " ");
            reason = line.substring(0, Math.min(LONGEST, line.length()));
        }
    }
}
