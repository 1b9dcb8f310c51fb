package io.dbbackup.store.azure;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Questions and deletions by key. Blobs that only discard an upload are never seen. Thread-safe. */
final class AzureObjects {
    private static final String PAGE = "1000";

    private final AzureClient client;
    private final AzureFailures failures;
    private final Clock clock;

    /** What HEAD says of a blob that is there. */
    record Head(Answer answer) {
        long bytes() {
            return answer.length().orElse(0);
        }

        Instant modified() {
            return answer.header("last-modified").flatMap(AzureXml::instant).orElse(Instant.EPOCH);
        }

        String etag() {
            return answer.header("etag").orElse("");
        }

        Optional<String> writer() {
            return answer.header("x-ms-meta-" + BlockUpload.WRITER);
        }

        /** Retention of this blob. */
        Optional<Instant> retainedUntil() {
            return answer.header("x-ms-immutability-policy-until-date").flatMap(AzureXml::instant);
        }

        boolean held() {
            return answer.header("x-ms-legal-hold").filter("true"::equalsIgnoreCase).isPresent();
        }
    }

    AzureObjects(AzureClient client, AzureFailures failures, Clock clock) {
        this.client = client;
        this.failures = failures;
        this.clock = clock;
    }

    <T> T call(String doing, Supplier<T> request) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            throw failures.explain(doing, e);
        }
    }

    static boolean isMissing(RefusedException e) {
        return e.status() == 404 && !e.code().startsWith("Container");
    }

    Optional<Head> look(String key) {
        try {
            Answer answer = client.send(AzureRequest.of("HEAD", key));
            boolean discarded = answer.header("x-ms-meta-" + BlockUpload.DISCARDED).isPresent();
            return discarded ? Optional.empty() : Optional.of(new Head(answer));
        } catch (RefusedException e) {
            if (isMissing(e)) {
                return Optional.empty();
            }
            throw failures.explain("looking at " + key, e);
        } catch (RuntimeException e) {
            throw failures.explain("looking at " + key, e);
        }
    }

    /** @throws BackupException STORE_MISSING when there is no container */
    void checkContainer(String prefix) {
        call("looking for the container", () -> client.send(list(prefix).query("maxresults", "1")));
    }

    /** Anything below the key, as below a directory? */
    boolean anyBelow(String key) {
        return !call("listing " + key, () -> AzureXml.page(
                        client.send(list(key + "/").query("maxresults", "1")).body()))
                .blobs()
                .isEmpty();
    }

    private static AzureRequest list(String prefix) {
        return AzureRequest.of("GET", "").query("restype", "container").query("comp", "list").query("prefix", prefix);
    }

    /**
     * Calls back for every page, which may be empty.
     *
     * @param include what Azure shall add, for example {@code metadata}
     * @param delimiter empty, or what ends a directory
     */
    void pages(String prefix, String include, String delimiter, Consumer<AzureXml.Page> each) {
        AzureRequest first = list(prefix).query("include", include).query("maxresults", PAGE);
        AzureRequest request = delimiter.isEmpty() ? first : first.query("delimiter", delimiter);
        String marker = "";
        do {
            AzureRequest next = marker.isEmpty() ? request : request.query("marker", marker);
            AzureXml.Page page =
                    call("listing " + prefix, () -> AzureXml.page(client.send(next).body()));
            each.accept(page);
            marker = page.next();
        } while (!marker.isEmpty());
    }

    /** Blocks that wait to be committed, in no useful order; none when there is no such blob. */
    List<AzureXml.Block> waiting(String key) {
        try {
            return AzureXml.blocks(client.send(AzureRequest.of("GET", key)
                            .query("comp", "blocklist")
                            .query("blocklisttype", "uncommitted"))
                    .body());
        } catch (RefusedException e) {
            if (isMissing(e)) {
                return List.of();
            }
            throw e;
        }
    }

    /**
     * Deletes for good: where the account keeps versions, the version too.
     *
     * @throws BackupException BLOB_LOCKED while a retention or a legal hold forbids it
     */
    void delete(String key) {
        Optional<Head> found = look(key);
        if (found.isEmpty()) {
            return;
        }
        // asked before, because with versions a delete only hides the blob and would not be tried again
        locked(key, found.get(), null).ifPresent(lock -> {
            throw lock;
        });
        try {
            remove(key, found.get().etag());
            found.get().answer().header("x-ms-version-id").ifPresent(version -> client.send(
                    AzureRequest.of("DELETE", key).query("versionid", version)));
        } catch (RefusedException e) {
            if (isMissing(e)) {
                return;
            }
            if (e.status() == 409 && e.code().contains("Immutable")) {
                throw look(key).flatMap(head -> locked(key, head, e))
                        .orElseGet(() -> failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + key,
                                "delete refused while the container's immutability policy or a legal hold protects it",
                                "Nothing is wrong: the policy does what it is for. Its days are shown in Azure's portal;"
                                        + " run retention again after them.",
                                e));
            }
            throw failures.explain("deleting " + key, e);
        } catch (RuntimeException e) {
            throw failures.explain("deleting " + key, e);
        }
    }

    private Optional<BackupException> locked(String key, Head blob, Exception e) {
        if (blob.held()) {
            return Optional.of(failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + key,
                    "delete refused until its legal hold is lifted",
                    "Nothing is wrong: the hold does what it is for. Lift it if the blob really has to go.", e));
        }
        return blob.retainedUntil()
                .filter(date -> date.isAfter(clock.instant()))
                .map(date -> failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + key,
                        "delete refused until " + date + ", the end of its retention",
                        "Nothing is wrong: the immutability policy does what it is for. Run retention again after that"
                                + " date.",
                        e));
    }

    /** One request, with the snapshots; only while it is that blob. */
    void remove(String key, String etag) {
        client.send(AzureRequest.of("DELETE", key)
                .header("x-ms-delete-snapshots", "include")
                .header("if-match", etag));
    }

    /** What cannot be removed now is removed by a later sweep. */
    void deleteQuietly(String key) {
        try {
            delete(key);
        } catch (RuntimeException e) {
            // a later sweep tries again
        }
    }
}
