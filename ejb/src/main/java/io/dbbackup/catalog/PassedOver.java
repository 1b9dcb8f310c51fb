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
        return reference + " is not the newest set but " + meant.id() + " of " + meant.takenAt() + ": " + named() + " was passed over, as it "
                + why() + also(", and so ", " between them")
                + ". Name a set by its id to take that one; or back up all of the source, without --database and the like, or by its policy";
    }

    /** When none is meant. */
    BackupException refused(String reference, String where) {
        return new BackupException(
                ErrorCode.UNKNOWN_BACKUP_SET,
                "there is no backup set \"" + reference + "\"" + where + ": the newest of that source, " + named() + ", " + why()
                        + also("; so ", ""),
                "Name it by its id to take it all the same, or back up all of the source, without --database and the like.");
    }

    private String also(String before, String after) {
        return switch ((int) Math.min(others, 2)) {
            case 0 -> "";
            case 1 -> before + (after.isEmpty() ? "does the only other one" : "was one more" + after);
            default -> before + (after.isEmpty() ? "do all " + others + " others" : "were " + others + " more" + after);
        };
    }
}
