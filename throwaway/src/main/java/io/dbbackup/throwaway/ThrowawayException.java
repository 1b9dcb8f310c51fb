package io.dbbackup.throwaway;

/** A throwaway server could not do what was asked; the message says why and, where there is one, names the remedy. */
public final class ThrowawayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ThrowawayException(String message) {
        super(message);
    }

    public ThrowawayException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Restores the interrupt flag of the current thread, so that callers up the stack see it too. */
    static ThrowawayException interrupted(String doing, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new ThrowawayException("interrupted while " + doing, cause);
    }
}
