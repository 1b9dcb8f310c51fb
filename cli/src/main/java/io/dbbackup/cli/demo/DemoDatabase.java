package io.dbbackup.cli.demo;

import io.dbbackup.cli.text.Table;
import java.nio.file.Path;

/** A database server of the demo: the one with sample data, or the one to restore into. */
interface DemoDatabase extends AutoCloseable {
    /** Its vendor and version, and where it is. */
    String title();

    String password();

    /**
     * Fills it.
     *
     * @param rows rows of the table that is large enough to be split
     * @return what there is now beside the databases, in words
     */
    String fill(long rows);

    /** What is in it, database by database. */
    Table databases();

    /** The source in the configuration, as YAML, indented by two. */
    String configuration(String name, Path password);

    /**
     * Compares with another one by its vendor's own tools, nothing of the engine that is on trial.
     *
     * @return what was equal, in words
     * @throws io.dbbackup.cli.client.ApiException FINGERPRINT_MISMATCH saying the differences
     */
    String compare(DemoDatabase restored);

    /** Ends it and removes everything it had. */
    @Override
    void close();
}
