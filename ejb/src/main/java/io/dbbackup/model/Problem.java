package io.dbbackup.model;

import java.util.Objects;

/**
 * What went wrong, in the form in which it is stored, mailed and answered.
 *
 * @param code stable code
 * @param cause lower-case sentence: what failed, with which object and value; never a secret
 * @param remedy one full sentence: what the operator can do
 */
public record Problem(ErrorCode code, String cause, String remedy) {
    public Problem {
        Objects.requireNonNull(code);
        Objects.requireNonNull(cause);
        Objects.requireNonNull(remedy);
    }

    @Override
    public String toString() {
        return code + ": " + cause + "\nHINT: " + remedy;
    }
}
