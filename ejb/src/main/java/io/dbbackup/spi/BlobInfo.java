package io.dbbackup.spi;

import java.time.Instant;

/** A committed blob: its name, its size in bytes, and when it was committed as far as the store knows. */
public record BlobInfo(String name, long bytes, Instant committedAt) {}
