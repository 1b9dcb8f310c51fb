package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Backs up a cluster or chosen databases. */
@Command(name = "backup", description = "Back up a cluster or chosen databases, by a policy or from a source into a store.")
public final class BackupCommand extends RunCommand {
    @Mixin
    private PolicyOptions policy;

    @Option(names = "--database", paramLabel = "NAME", description = "Only this database; may be repeated.")
    private List<String> databases;

    @Option(names = "--exclude", paramLabel = "NAME", description = "Not this database; may be repeated.")
    private List<String> excluded;

    @Option(names = "--codec", paramLabel = "NAME", description = "zstd, gzip, lz4 or none.")
    private String codec;

    @Option(names = "--level", paramLabel = "N", description = "Compression level of the codec.")
    private Integer level;

    @Option(names = "--part-size", paramLabel = "SIZE", description = "Largest part of a table, for example 256M.")
    private String partSize;

    @Option(
            names = "--role-passwords",
            negatable = true,
            description = "Whether the password hashes of roles are in the backup.")
    private Boolean rolePasswords;

    @Option(
            names = "--encrypt",
            split = ",",
            paramLabel = "KEY",
            description = "Names of the keys that shall open the backup.")
    private List<String> encrypt;

    @Option(
            names = "--reuse-parts",
            negatable = true,
            description = "Refer to parts that an earlier set in the store holds instead of storing them again.")
    private Boolean reuseParts;

    @Option(
            names = "--reuse-within",
            paramLabel = "AGE",
            description = "Refer to no set that is older, for example 7d (the default).")
    private String reuseWithin;

    @Mixin
    private SelectionOptions selection;

    @Option(names = "--on-error", paramLabel = "WHAT", description = "When a database fails: ${COMPLETION-CANDIDATES}.")
    private OnError onError;

    @Mixin
    private HookOptions hooks;

    @Mixin
    private JobOptions job;

    public BackupCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        policy.into(parameters, "Use dbbackup backup POLICY, or dbbackup backup --source NAME --store NAME.");
        putList(parameters, "databases", databases);
        putList(parameters, "exclude", excluded);
        selection.into(parameters);
        put(parameters, "codec", codec);
        put(parameters, "level", level);
        put(parameters, "partBytes", partSize);
        put(parameters, "rolePasswords", rolePasswords);
        put(parameters, "onError", onError);
        put(parameters, "reuseParts", reuseParts);
        put(parameters, "reuseWithin", reuseWithin);
        putList(parameters, "encrypt", encrypt);
        hooks.into(parameters);
        job.into(parameters);
        return start("backup", parameters, job.key());
    }
}
