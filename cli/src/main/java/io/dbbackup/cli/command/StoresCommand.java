package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Facts;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Where backup sets are. */
@Command(
        name = "stores",
        mixinStandardHelpOptions = true,
        description = "Look at stores.",
        subcommands = StoresCommand.Check.class)
public final class StoresCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "stores needs a command: check");
    }

    /** Tries one store. */
    @Command(
            name = "check",
            description = "Write, read and delete a small blob in a store, and say what it can do: what the answers of the"
                    + " store show, not what its documentation promises.")
    public static final class Check extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "Name of a store.")
        private String name;

        public Check(Shared shared) {
            super(shared);
        }

        @Override
        public Integer call() {
            JsonNode check = api().get("/stores/" + ApiClient.segment(name) + "/check", Map.of(), "capabilities");
            if (json) {
                printJson(check);
                return 0;
            }
            out().println(name + " can be written, read and deleted from.");
            Facts.print(out(), facts(check.path("capabilities"), check.path("freeBytes")), "  ");
            return 0;
        }

        private static Map<String, String> facts(JsonNode can, JsonNode free) {
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("Create only", can.path("atomicCreateOnly").asBoolean()
                    ? "yes: of two that write one name in the same instant, one is refused"
                    : "no: dbbackup looks before it writes; another server that writes the same name in the same instant"
                            + " is not noticed");
            facts.put("Resume", can.path("resumableUploads").asBoolean()
                    ? "yes: an upload goes on after a crash with what the store has of it"
                    : "no: an interrupted upload begins anew");
            facts.put("Versions", can.path("versioning").asBoolean()
                    ? "yes: what others delete stays as an older version; dbbackup deletes the version too"
                    : "none seen");
            facts.put("Object lock", can.path("objectLock").asBoolean()
                    ? "yes: single blobs or all can be made undeletable for a time"
                    : "none seen");
            int days = can.path("lockDays").asInt(0);
            facts.put("Retention", days > 0 ? retention(days) : "none seen");
            facts.put("Free", free.isIntegralNumber() ? Amounts.bytes(free.asLong()) : "the store does not say");
            return facts;
        }

        private static String retention(int days) {
            return "what is written now cannot be deleted for " + Amounts.count(days, "day", "days") + ".\n"
                    + "A set that expires earlier is kept with the reason \"delete refused until …\";\n"
                    + "the next retention after that date deletes it.";
        }
    }
}
