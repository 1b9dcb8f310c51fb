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
 * @param missing databases that were asked for and are not in it, each with the reason; none of an encrypted set whose manifest cannot be read
 * @param missingDatabases how many these are; empty where older versions, which did not tell, wrote an encrypted set that cannot be read
 * @param globalsMissing why roles or accounts that were asked for are not in it
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
        Optional<Integer> missingDatabases,
        Optional<String> globalsMissing,
        Optional<Selection> selection,
        List<Recipient> recipients,
        Optional<Problem> locked,
        List<String> openWithoutUs,
        Map<String, String> links) {
    private static final String LOCKED = "the encrypted manifest says why, for which there is no key here";
    private static final String UNTOLD = "the version that took the backup did not tell why";

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

    /** @param why as the manifest has it */
    static Optional<String> globalsMissing(SetHeader header, Optional<String> why) {
        return header.lacksGlobals() ? Optional.of(why.orElse(UNTOLD)) : Optional.empty();
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
                header.globals().map(StoredBlob::name), List.of(), List.of(),
                header.complete() ? Optional.of(0) : header.missingDatabases(),
                globalsMissing(header, header.globalsMissing() ? Optional.of(LOCKED) : Optional.empty()), Optional.empty(),
                recipients(header), Optional.of(why),
                openWithoutUs, links);
    }
}
