package io.dbbackup.spi;

/**
 * Message about a finished run.
 *
 * @param subject one line
 * @param text plain text, failure first
 * @param html the same as HTML
 */
public record Notification(String subject, String text, String html) {}
