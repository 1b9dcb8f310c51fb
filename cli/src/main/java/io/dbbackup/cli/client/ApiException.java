package io.dbbackup.cli.client;

/** Something went wrong that the user is told in two lines: code and cause, and what to do. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What answers is not dbbackup. */
    static final String FOREIGN = "SERVER_UNEXPECTED";
    /** Nothing answers, or nothing that is ready. */
    public static final String UNREACHABLE = "SERVER_UNREACHABLE";

    private final String code;
    private final String reason;
    private final String remedy;
    private final int exitCode;

    public ApiException(String code, String reason, String remedy, int exitCode) {
        super(code + ": " + reason);
        this.code = code;
        this.reason = reason;
        this.remedy = remedy;
        this.exitCode = exitCode;
    }

    public static ApiException usage(String reason, String remedy) {
        return new ApiException("INVALID_PARAMETER", reason, remedy, 64);
    }

    public String code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public String remedy() {
        return remedy;
    }

    /** Exit status of the process (sysexits.h). */
    public int exitCode() {
        return exitCode;
    }

    /** True when the server did not answer at all, or is not ready. */
    public boolean unreachable() {
        return code.equals(UNREACHABLE);
    }

    /** True when something answered that is not dbbackup. */
    public boolean foreign() {
        return code.equals(FOREIGN);
    }
}
