package io.dbbackup.catalog;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Selection;

/**
 * The newest set of a source that {@code latest:<source>} does not mean.
 *
 * @param others how many more sets are newer than the one that is meant
 */
record PassedOver(BackupSetView newest, long others) {
    boolean explained() {
        return expiring() || empty() || !newest.omissions().isEmpty();
    }

    private boolean expiring() {
        return newest.state() == BackupSetView.State.EXPIRING;
    }

    /** Of a server that had none, or of another one than was meant. */
    private boolean empty() {
        return newest.databases() == 0;
    }

    private String why() {
        if (expiring()) {
            return "is being deleted";
        }
        if (empty()) {
            return "holds no database";
        }
        return (besideRestore() ? "may hold a part only (" : "leaves something out by intention (")
                + Selection.text(newest.omissions()) + ")";
    }

    private boolean besideRestore() {
        return newest.omissions().contains(Omission.UNFINISHED_RESTORE);
    }

    private String remedy() {
        return (empty() ? "find out why its server had no database, then " : "")
                + (besideRestore() ? "restart or discard the restore that its backup warns of, then " : "")
                + "back up all of the source, without --database and the like";
    }

    private String named() {
        return "backup set " + newest.id() + " of " + newest.takenAt();
    }

    /** @param meant the set that is meant */
    String warning(String reference, BackupSetView meant) {
        String more = others == 0 ? "" : ", and so " + (others == 1 ? "was one" : "were " + others) + " more between them";
        return reference + " is " + meant.id() + " of " + meant.takenAt() + ", which is not the newest set: " + named() + " was passed over, as it "
                + why() + more + ". Name a set by its id to take that one; or " + remedy() + ", or by its policy";
    }

    /** When none is meant. */
    BackupException refused(String reference, String where) {
        return new BackupException(
                ErrorCode.UNKNOWN_BACKUP_SET,
                "there is no backup set \"" + reference + "\"" + where + ": the newest of that source, " + named() + ", " + why(),
                "Name it by its id to take it all the same, or " + remedy() + ".");
    }
}
