package io.dbbackup.store.azure;

import io.dbbackup.model.BackupException;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import java.util.Optional;

/** What a container can do and is set to, asked once per store object, when it is first needed. Thread-safe. */
final class AzureFacts {
    private final AzureClient client;
    private final AzureSettings settings;
    private final AzureFailures failures;
    private final AzureProbe probe;
    private Optional<Answer> container;
    private AzureProbe.Findings findings;

    AzureFacts(AzureClient client, AzureSettings settings, AzureFailures failures, AzureProbe probe) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.probe = probe;
    }

    /** Found out by trying. */
    synchronized AzureProbe.Findings findings() {
        if (findings == null) {
            findings = probe.findings();
        }
        return findings;
    }

    /** The container has a policy or a hold, or its blobs can have such. */
    boolean locks() {
        return settings.lockDays().isPresent() || says("x-ms-has-immutability-policy") || says("x-ms-has-legal-hold")
                || says("x-ms-immutable-storage-with-versioning-enabled");
    }

    /** As {@link #locks()}, or nobody tells us: then what we write had better not have to be deleted. */
    synchronized boolean mayLock() {
        return locks() || container.isEmpty();
    }

    /** Days for which what we write cannot be deleted, as far as Azure tells a client. */
    Optional<Integer> lockDays() {
        return settings.lockDays().or(() -> findings().retainedDays());
    }

    private synchronized boolean says(String header) {
        if (container == null) {
            container = ask();
        }
        return container.flatMap(answer -> answer.header(header)).filter("true"::equalsIgnoreCase).isPresent();
    }

    /** Empty where we may not ask: a signature for a container does not cover its properties. */
    private Optional<Answer> ask() {
        try {
            return Optional.of(client.send(AzureRequest.of("HEAD", "").query("restype", "container")));
        } catch (RefusedException e) {
            BackupException explained = failures.explain("asking for the properties of the container", e);
            return switch (explained.code()) {
                case STORE_MISSING, STORE_CLOCK_SKEW -> throw explained;
                default -> Optional.empty();
            };
        } catch (RuntimeException e) {
            throw failures.explain("asking for the properties of the container", e);
        }
    }
}
