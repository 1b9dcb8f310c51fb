package io.dbbackup.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract against a server without hard links, sync and free space. */
class SftpStoreWithoutExtensionsTest extends BlobStoreContract {
    private final Map<String, String> settings = OpenSshServer.plain().settings();

    @Override
    protected BlobStore connect() {
        return OpenSshServer.store(settings);
    }

    @Override
    protected void settle(String name) throws IOException, InterruptedException {
        while (leftoverBytes() < bytesThatReachTheStore() - UploadWindow.BLOCK) {
            Thread.sleep(20);
        }
    }

    private long leftoverBytes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(settings.get("path")))) {
            return files.filter(file -> file.getFileName().toString().contains("~"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void the_weaker_guarantee_is_declared() {
        assertThat(store.capabilities().atomicCreateOnly()).isFalse();
        assertThat(store.capabilities().knowsFreeSpace()).isFalse();
    }
}
