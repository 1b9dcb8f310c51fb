package io.dbbackup.pipeline;

/** Follows a transfer from the thread that runs it, and may end it by throwing. */
public interface TransferMonitor {
    /** A monitor that looks the other way. */
    TransferMonitor NONE = new TransferMonitor() {
        @Override
        public void bytes(long more) {
            // nobody is watching
        }

        @Override
        public void check() {
            // nobody can stop it
        }
    };

    /** That many more plain bytes were handled; called for every buffer, so it must be cheap. */
    void bytes(long more);

    /**
     * Called for every buffer and once more just before the blob is published.
     *
     * @throws io.dbbackup.model.BackupException to end the transfer; nothing is then published
     */
    void check();
}
