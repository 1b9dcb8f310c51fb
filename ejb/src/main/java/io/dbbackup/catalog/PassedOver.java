package io.dbbackup.catalog;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;

/**
 * The newest set of a source that {@code latest:<source>} does not mean.
 *
 * @param others how many more sets are newer than the one that is meant
 */
record PassedOver(BackupSetView newest, long others) {
    boolean explained() {
        return expiring() || !newest.omissions().isEmpty();
    }

    private boolean expiring() {
        return newest.state() == BackupSetView.State.EXPIRING;
    }

    private String why() {
        return expiring()
                ? "is being deleted"
                : "leaves something out by intention (" + Selection.text(newest.omissions()) + ")";
    }

    private String named() {
        return "backup set " + newest.id() + " of " + newest.takenAt();
    }

    /** @param meant the set that is meant */
    String warning(String reference, BackupSetView meant) {
        String more = others == 0 ? "" : ", and so " + (others == 1 ? "was one" : "were " + others) + " more between them";
        return reference + " is " + meant.id() + " of " + meant.takenAt() + ", which is not the newest set: " + named() + " was passed over, as it "
                + why() + more + ". Name a set by its id to take that one; or back up all of the source, without --database and the like, or by its policy";
    }

    /** When none is meant. */
    BackupException refused(String reference, String where) {
        return new BackupException(
                ErrorCode.UNKNOWN_BACKUP_SET,
                "there is no backup set \"" + reference + "\"" + where + ": the newest of that source, " + named() + ", " + why(),
                "Name it by its id to take it all the same, or back up all of the source, without --database and the like.");
    }
}
