package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a job is about: a policy, or else a source and a store. */
final class PolicyOptions {
    @Parameters(arity = "0..1", paramLabel = "POLICY", description = "Policy whose settings are meant.")
    private String policy;

    @Option(names = "--policy", paramLabel = "NAME", description = "The same as POLICY.")
    private String policyOption;

    @Option(names = "--source", paramLabel = "NAME", description = "Source, when there is no policy.")
    private String source;

    @Option(names = "--store", paramLabel = "NAME", description = "Store, when there is no policy.")
    private String store;

    /** @throws ApiException with the hint when neither is given, or when two policies are */
    void into(ObjectNode parameters, String hint) {
        if (policy != null && policyOption != null && !policy.equals(policyOption)) {
            throw ApiException.usage(
                    "two policies are given, \"" + policy + "\" and \"" + policyOption + "\"",
                    "Start a run for each of them.");
        }
        String chosen = policy == null ? policyOption : policy;
        if (chosen == null && (source == null || store == null)) {
            throw ApiException.usage("neither a policy nor source and store are given", hint);
        }
        RunCommand.put(parameters, "policy", chosen);
        RunCommand.put(parameters, "source", source);
        RunCommand.put(parameters, "store", store);
    }
}
