package io.dbbackup.store.gcs;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.store.upload.PartSizes;
import io.dbbackup.store.upload.PartsWriter;
import io.dbbackup.store.upload.Uploader;
import io.dbbackup.store.web.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Begins uploads and finds interrupted ones again. Thread-safe. */
final class GcsUploads {
    final GcsClient client;
    final GcsSettings settings;
    final GcsFailures failures;
    final GcsObjects objects;
    final SessionSeal seal;
    private final Uploader uploader;
    private final Clock clock;

    GcsUploads(
            GcsClient client,
            GcsSettings settings,
            GcsFailures failures,
            GcsObjects objects,
            SessionSeal seal,
            Uploader uploader,
            Clock clock) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.objects = objects;
        this.seal = seal;
        this.uploader = uploader;
        this.clock = clock;
    }

    /** Date until which a new object is to be kept, if the settings say so. */
    Optional<Instant> lockedUntil() {
        return settings.lockDays().map(days -> clock.instant().plus(Duration.ofDays(days)).truncatedTo(ChronoUnit.SECONDS));
    }

    BlobWriter begin(String name, OptionalLong expectedBytes) {
        return new PartsWriter<>(
                uploader, new SessionUpload(this, name), PartSizes.of(settings.partBytes(), expectedBytes, true));
    }

    Optional<ResumedUpload> resume(String name, String token) {
        String[] opened = seal.open(token, name).orElse("").split(" ", 2);
        if (opened.length < 2) {
            return Optional.empty();
        }
        String session = opened[1];
        Answer answer = objects.call("looking for the upload of " + name, () -> client.session(
                GcsRequest.of("PUT", session).header("Content-Range", "bytes */*").body(new byte[0], 0, 0)));
        if (answer.status() != 308) {
            if (answer.success() || answer.status() / 100 == 4) {
                return Optional.empty(); // ended, cancelled or forgotten
            }
            objects.call("looking for the upload of " + name, () -> GcsClient.checked(answer));
        }
        long held = SessionUpload.persisted(answer);
        if (held == 0) {
            return Optional.empty();
        }
        SessionUpload upload = new SessionUpload(this, name, opened[0], Optional.of(token), held);
        PartSizes sizes = PartSizes.of(settings.partBytes(), OptionalLong.empty(), true);
        return Optional.of(new ResumedUpload(
                new PartsWriter<>(uploader, upload, sizes, session, List.of(), held), held));
    }
}
