package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Backs up a cluster or chosen databases. */
@Command(name = "backup", description = "Back up a cluster or chosen databases, by a policy or from a source into a store.")
public final class BackupCommand extends RunCommand {
    @Parameters(arity = "0..1", paramLabel = "POLICY", description = "Policy that says everything.")
    private String policy;

    @Option(names = "--policy", paramLabel = "NAME", description = "The same as POLICY.")
    private String policyOption;

    @Option(names = "--source", paramLabel = "NAME", description = "Source, when there is no policy.")
    private String source;

    @Option(names = "--store", paramLabel = "NAME", description = "Store, when there is no policy.")
    private String store;

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

    @Option(names = "--on-error", paramLabel = "WHAT", description = "When a database fails: ${COMPLETION-CANDIDATES}.")
    private OnError onError;

    @Mixin
    private JobOptions job;

    public BackupCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        policy = onePolicy(policy, policyOption);
        if (policy == null && (source == null || store == null)) {
            throw ApiException.usage(
                    "neither a policy nor source and store are given",
                    "Use dbbackup backup POLICY, or dbbackup backup --source NAME --store NAME.");
        }
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "policy", policy);
        put(parameters, "source", source);
        put(parameters, "store", store);
        putList(parameters, "databases", databases);
        putList(parameters, "exclude", excluded);
        put(parameters, "codec", codec);
        put(parameters, "level", level);
        put(parameters, "partBytes", partSize);
        put(parameters, "rolePasswords", rolePasswords);
        put(parameters, "onError", onError);
        job.into(parameters);
        return start("backup", parameters, job.key());
    }
}
