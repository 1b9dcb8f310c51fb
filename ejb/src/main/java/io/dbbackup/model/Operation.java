package io.dbbackup.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a run does. The job name is the file name of its job XML. */
public enum Operation {
    BACKUP,
    VERIFY,
    RESTORE,
    RETENTION,
    /** Makes an encrypted set of another one. */
    ENCRYPT,
    /** Makes a set that is not encrypted of one that is. */
    DECRYPT,
    /** Removes one set by name. */
    REMOVE,
    /** Copies a set to another store. */
    COPY;

    public String jobName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws BackupException INVALID_PARAMETER when there is no such job */
    public static Operation ofJob(String jobName) {
        for (Operation operation : values()) {
            if (operation.jobName().equals(jobName)) {
                return operation;
            }
        }
        throw new BackupException(
                ErrorCode.INVALID_PARAMETER,
                "there is no job named \"" + jobName + "\"",
                "Use one of "
                        + Arrays.stream(values()).map(Operation::jobName).collect(Collectors.joining(", ")) + ".");
    }
}
