package io.dbbackup.model;

/** The one exception of the product: always a code, a cause and a remedy. */
public class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String reason;
    private final String remedy;

    /**
     * @param reason lower-case sentence: what failed, with which object and value; never a secret
     * @param remedy one full sentence: what the operator can do
     */
    public BackupException(ErrorCode code, String reason, String remedy) {
        this(code, reason, remedy, null);
    }

    /** As the other constructor, with the exception that led here. */
    public BackupException(ErrorCode code, String reason, String remedy, Throwable origin) {
        super(code + ": " + reason + "\nHINT: " + remedy, origin);
        this.code = code;
        this.reason = reason;
        this.remedy = remedy;
    }

    public ErrorCode code() {
        return code;
    }

    public Problem problem() {
        return new Problem(code, reason, remedy);
    }

    /** Any exception as a problem; what is not ours becomes {@link ErrorCode#INTERNAL}. */
    public static Problem problemOf(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof BackupException known) {
                return known.problem();
            }
        }
        return new Problem(
                ErrorCode.INTERNAL,
                "unexpected " + failure.getClass().getName() + ": " + failure.getMessage(),
                "This is a defect; please report it with the server log of this run.");
    }
}
