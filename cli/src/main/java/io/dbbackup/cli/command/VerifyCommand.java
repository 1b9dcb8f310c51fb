package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies a backup set. */
@Command(
        name = "verify",
        description = "Verify a backup set: its stored bytes, its content, or by a real restore into a throwaway server.")
public final class VerifyCommand extends RunCommand {
    /** How much is proven. */
    enum Level {
        STORED,
        CONTENT,
        RESTORE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(paramLabel = "SET", description = "Backup set, or latest:SOURCE.")
    private String set;

    @Option(names = "--level", paramLabel = "LEVEL", description = {"${COMPLETION-CANDIDATES}; default content.",
                "restore needs the programs of the database on the server's machine; DBBACKUP_MYSQL_HOMES of the server names"
                        + " directories of unpacked MySQL and MariaDB servers."})
    private Level level;

    @Option(names = "--database", paramLabel = "NAME", description = "Only this database; may be repeated.")
    private List<String> databases;

    @Mixin
    private StoreOptions.OfSet stores;

    @Mixin
    private JobOptions job;

    public VerifyCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "set", set);
        put(parameters, "store", stores.store(this, Optional.of(set), Optional.empty()).orElse(null));
        put(parameters, "level", level);
        putList(parameters, "databases", databases);
        job.into(parameters);
        return start("verify", parameters, job.key());
    }
}
