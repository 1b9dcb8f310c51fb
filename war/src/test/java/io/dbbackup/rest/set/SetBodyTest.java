package io.dbbackup.rest.set;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.SetHeader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SetBodyTest {
    private static final List<MissingDatabase> ORDERS = List.of(new MissingDatabase("orders", "it went away"));

    @Test
    void that_a_set_lacks_roles_or_accounts_is_told_also_where_its_backup_did_not_say_why() {
        assertThat(SetBody.globalsMissing(SetHeader.of(manifest(false, List.of(), Optional.of("not readable"))), Optional.of("not readable")))
                .contains("not readable");
        assertThat(SetBody.globalsMissing(SetHeader.of(manifest(false, List.of(), Optional.empty())), Optional.empty()))
                .as("nothing else can have failed").isPresent();
        assertThat(SetBody.globalsMissing(SetHeader.of(manifest(false, ORDERS, Optional.empty())), Optional.empty())).isEmpty();
        assertThat(SetBody.globalsMissing(SetHeader.of(manifest(true, List.of(), Optional.empty())), Optional.empty())).isEmpty();
    }

    /** No missing databases would be said of it otherwise. */
    @Test
    void of_a_set_that_nobody_can_open_here_the_number_of_missing_databases_is_told() {
        SetBody lacking = locked(manifest(false, ORDERS, Optional.of("not readable")));
        assertThat(lacking.missing()).isEmpty();
        assertThat(lacking.missingDatabases()).contains(1);
        assertThat(lacking.globalsMissing()).hasValueSatisfying(why -> assertThat(why).contains("no key"));
        SetBody whole = locked(manifest(true, List.of(), Optional.empty()));
        assertThat(whole.missingDatabases()).contains(0);
        assertThat(whole.globalsMissing()).isEmpty();
    }

    private static SetBody locked(BackupManifest manifest) {
        SetHeader header = SetHeader.of(manifest, List.of(), new SetHeader.Encryption("aes-256-gcm", "key", List.of()));
        return SetBody.locked(
                null, List.of(), "disk", header, new Problem(ErrorCode.KEY_MISSING, "no key", "Provide it."), List.of(), Map.of());
    }

    private static BackupManifest manifest(boolean complete, List<MissingDatabase> missing, Optional<String> globalsMissing) {
        return new BackupManifest(
                BackupManifest.FORMAT, BackupManifest.VERSION, "S", "shop", new UUID(0, 1), "dbbackup", Instant.EPOCH, Instant.EPOCH, "UTC",
                new ServerFacts("postgresql", "17", 17, "1", "UTC", Map.of()), "per-database", complete, Optional.empty(), List.of(), missing,
                Optional.empty(), Optional.empty(), false, globalsMissing);
    }
}
