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
        boolean deletes = operation == Operation.RETENTION && !new Parameters(parameters).flag("dryRun", false);
        if (deletes && !user.isUserInRole(Roles.ADMIN)) {
            throw new BackupException(
                    ErrorCode.FORBIDDEN,
                    "only an administrator may let backup sets expire",
                    "Give dryRun=true to see what would expire, or ask an administrator.");
        }
    }
}
