package io.dbbackup.spi;

/** Takes the progress of one item while it is executed; cheap enough to be called for every buffer. */
@FunctionalInterface
public interface Progress {
    /** More plain bytes were handled. */
    void bytes(long more);
}
