package io.dbbackup.rest.set;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.Problem;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backup set as its manifest has it, beside what the catalog knows.
 *
 * @param set as the copy that was read
 * @param copies every copy that the catalog knows, the best first
 * @param location where its blobs are in the store
 * @param server empty when no key is at hand to read an encrypted manifest
 * @param selection what of its databases it holds, when that is not everything
 * @param recipients whom an encrypted set is encrypted for
 * @param locked why an encrypted manifest cannot be read here; then databases are not told
 * @param openWithoutUs how to get the data out with standard tools alone
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record SetBody(
        BackupSetView set,
        List<Copy> copies,
        String location,
        String product,
        Optional<ServerFacts> server,
        String consistency,
        Optional<String> globals,
        List<DatabaseEntry> databases,
        List<MissingDatabase> missing,
        Optional<Selection> selection,
        List<Recipient> recipients,
        Optional<Problem> locked,
        List<String> openWithoutUs,
        Map<String, String> links) {
    /** Somebody who can open the set: name in the writer's configuration, fingerprint, type of key. */
    public record Recipient(String name, String id, String type) {}

    /** The set in one store. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Copy(
            String store,
            Optional<String> policy,
            BackupSetView.State state,
            Optional<VerifyLevel> verifiedLevel,
            Optional<Boolean> verifiedOk,
            Optional<Instant> verifiedAt) {
        static Copy of(BackupSetView view) {
            return new Copy(
                    view.store(), view.policy(), view.state(), view.verifiedLevel(), view.verifiedOk(), view.verifiedAt());
        }
    }

    static List<Recipient> recipients(SetHeader header) {
        return header.encryption().stream()
                .flatMap(encryption -> encryption.keys().stream())
                .flatMap(section -> section.recipients().stream())
                .map(wrapped -> new Recipient(wrapped.name(), wrapped.id(), wrapped.type()))
                .distinct()
                .toList();
    }

    /** What can be told of an encrypted set without its key. */
    static SetBody locked(
            BackupSetView set,
            List<Copy> copies,
            String location,
            SetHeader header,
            Problem why,
            List<String> openWithoutUs,
            Map<String, String> links) {
        return new SetBody(
                set, copies, location, header.product(), Optional.empty(), "per-database",
                header.globals().map(StoredBlob::name), List.of(), List.of(), Optional.empty(),
                recipients(header), Optional.of(why),
                openWithoutUs, links);
    }
}
