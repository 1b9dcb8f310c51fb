package io.dbbackup.rest.run;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.rest.Roles;
import io.dbbackup.service.run.Parameters;
import jakarta.ws.rs.core.SecurityContext;
import java.util.Map;

/** What the role operator alone does not allow. */
final class Permission {
    private Permission() {}

    /** @throws BackupException FORBIDDEN when the user may not run this */
    static void check(SecurityContext user, Operation operation, Map<String, String> parameters) {
        if (user.isUserInRole(Roles.ADMIN)) {
            return;
        }
        switch (operation) {
            case BACKUP, VERIFY, RESTORE, COPY, ENCRYPT -> {
                // what operators are for; an encrypted set beside a clear one takes nothing from anybody
            }
            case DECRYPT -> throw new BackupException(
                    ErrorCode.FORBIDDEN,
                    "only an administrator may decrypt a backup set: whoever reads the store could read it",
                    "Ask an administrator, or restore from the encrypted set.");
            case REMOVE -> throw new BackupException(
                    ErrorCode.FORBIDDEN, "only an administrator may remove a backup set", "Ask an administrator.");
            case RETENTION -> refuseDeletion(parameters);
        }
    }

    private static void refuseDeletion(Map<String, String> parameters) {
        if (!new Parameters(parameters).flag("dryRun", false)) {
            throw new BackupException(
                    ErrorCode.FORBIDDEN,
                    "only an administrator may let backup sets expire",
                    "Give dryRun=true to see what would expire, or ask an administrator.");
        }
    }
}
