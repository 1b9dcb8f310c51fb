package io.dbbackup.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a file system without hard links. */
class FileStoreWithoutHardLinksTest extends BlobStoreContract {
    @TempDir
    Path temp;

    @Override
    protected BlobStore connect() {
        FileStore opened =
                new FileStore(temp.resolve("store"), false, Clock.systemUTC(), new Publication.Rename());
        opened.probe();
        return opened;
    }

    @Test
    void the_weaker_guarantee_is_declared() {
        assertThat(store.capabilities().atomicCreateOnly()).isFalse();
    }
}
