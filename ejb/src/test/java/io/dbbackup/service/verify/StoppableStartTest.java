package io.dbbackup.service.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine.Sandbox;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StoppableStartTest {
    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch up = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void yields_the_server_that_was_started() {
        up.countDown();

        Sandbox sandbox = StoppableStart.of(this::slowly, cancellation);

        assertThat(sandbox).isNotNull();
        assertThat(closed.getCount()).isEqualTo(1);
    }

    @Test
    void a_stop_does_not_wait_for_the_start_and_the_server_is_destroyed_when_it_is_up() throws InterruptedException {
        Thread stopper = new Thread(cancellation::cancel);
        stopper.start();

        assertThatThrownBy(() -> StoppableStart.of(this::slowly, cancellation))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        up.countDown();

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        stopper.join();
    }

    @Test
    void a_start_that_fails_says_why() {
        BackupException failure = new BackupException(ErrorCode.TOOL_MISSING, "no server programs", "Install them.");

        assertThatThrownBy(() -> StoppableStart.of(() -> {
                    throw failure;
                }, cancellation))
                .isSameAs(failure);
    }

    private Sandbox slowly() {
        try {
            up.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Sandbox() {
            @Override
            public Endpoint endpoint() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
    }
}
