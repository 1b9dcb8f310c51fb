package io.dbbackup.model;

import java.util.Locale;

/** What a run does. The job name is the file name of its job XML. */
public enum Operation {
    BACKUP,
    VERIFY,
    RESTORE,
    RETENTION;

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
                "Use one of backup, verify, restore, retention.");
    }
}
