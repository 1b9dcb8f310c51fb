package io.dbbackup.service.copy;

/**
 * What became of a copy; sizes in bytes.
 *
 * @param alreadyThere true when the target had the whole set before, as reading all of it has shown
 * @param blobs that the set has, its manifest included
 * @param storedBytes of them
 * @param copiedBytes that this run wrote, in all its executions
 */
public record CopySummary(
        String set, String from, String to, boolean alreadyThere, long blobs, long storedBytes, long copiedBytes) {}
