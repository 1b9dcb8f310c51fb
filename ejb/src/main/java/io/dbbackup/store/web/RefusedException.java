package io.dbbackup.store.web;

/** A store answered, but not with success. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;
    private final int status;
    private final String code;

    /**
     * @param code the store's name of the error; empty when it gave none
     * @param message what the store says; without secrets, as it will be shown
     */
    public RefusedException(Answer answer, String code, String message) {
        super("it answered " + answer.status() + (code.isBlank() ? "" : " " + code)
                + (message.isBlank() ? "" : " (" + message.strip() + ")"));
        this.answer = answer;
        this.status = answer.status();
        this.code = code;
    }

    public Answer answer() {
        return answer;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }
}
