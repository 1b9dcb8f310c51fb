package io.dbbackup.catalog;

/**
 * How far a run is, summed over its items.
 *
 * @param bytesTotal expected plain bytes; grows while databases are opened
 * @param bytesDone plain bytes of finished items plus the progress of running ones
 */
public record RunProgress(
        long items, long itemsDone, long itemsRunning, long itemsFailed, long itemsSkipped, long bytesTotal, long bytesDone,
        long storedBytes, long rows) {}
