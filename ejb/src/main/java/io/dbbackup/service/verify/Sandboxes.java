package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.service.run.Execution;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.TablespaceChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Throwaway servers of verifications: how one is started and filled. */
final class Sandboxes {
    private static final String HELD = "verify.sandbox";
    private static final List<String> LOOKED = List.of(VerifyKind.DATABASE, VerifyKind.STORED);

    private Sandboxes() {}

    /**
     * Starts a server and yields the restore of every database that is not known to be damaged, and the comparison of its
     * tables. Of a set whose own manifest or globals are damaged nothing is restored.
     */
    static ItemResult start(Execution execution, VerifyParameters parameters, OpenSet set, DatabaseEngine engine) {
        execution.settled(SandboxContext.MATTER);
        BackupManifest manifest = set.reader().manifest();
        boolean usable = !damaged(execution, "", List.of(VerifyKind.MANIFEST, VerifyKind.GLOBALS));
        Map<String, String> good = new TreeMap<>();
        List<Finding> notRestored = new ArrayList<>();
        for (DatabaseEntry entry : manifest.databases()) {
            if (!parameters.includes(entry.name())) {
                continue;
            }
            if (usable && !damaged(execution, entry.name(), LOOKED)) {
                good.put(entry.name(), entry.name());
            } else {
                notRestored.add(notRestored(entry.name()));
            }
        }
        List<ItemDraft> items = good.isEmpty() ? List.of() : restore(execution, set, engine, good);
        return new ItemResult(0, 0, 0, Looked.at(notRestored), items);
    }

    private static List<ItemDraft> restore(
            Execution execution, OpenSet set, DatabaseEngine engine, Map<String, String> databases) {
        boolean globals = set.reader().manifest().globals().isPresent();
        RestoreSpec spec = new RestoreSpec(
                databases,
                false,
                Set.of(),
                globals ? RestoreSpec.Globals.MISSING : RestoreSpec.Globals.NONE,
                globals,
                true,
                // the directories of the source's tablespaces may be on this machine and are none of ours
                TablespaceChoice.DEFAULT);
        SandboxContext context = execution.hold(HELD, SandboxContext.class, () -> new SandboxContext(
                execution, server(execution, set, engine), spec, set.reader()));
        try {
            LogicalRestore restore = engine.logicalRestore();
            restore.preflight(context);
            List<ItemDraft> items = new ArrayList<>(restore.plan(context));
            items.addAll(restore.planComparison(context));
            items.addAll(restore.planEnd(context, List.copyOf(items)));
            return items;
        } catch (RuntimeException e) {
            destroy(execution);
            throw e;
        }
    }

    private static DatabaseEngine.Sandbox server(Execution execution, OpenSet set, DatabaseEngine engine) {
        DatabaseEngine.Sandbox sandbox = StoppableStart.of(
                () -> engine.startSandbox(set.reader().manifest().server(), SandboxDirectory.ready()),
                execution.cancellation());
        sandbox.deviation().ifPresent(deviation -> execution.warn(SandboxContext.MATTER, deviation));
        return sandbox;
    }

    /** The server of this execution. */
    static SandboxContext of(Execution execution) {
        return execution.hold(HELD, SandboxContext.class, () -> {
            throw new IllegalStateException("work for a throwaway server that this execution has not started");
        });
    }

    static void destroy(Execution execution) {
        execution.release(HELD);
    }

    private static boolean damaged(Execution execution, String database, List<String> kinds) {
        boolean[] damaged = new boolean[1];
        for (String kind : kinds) {
            execution.results(database, kind, item -> damaged[0] |= item.result(Looked.class).damaged());
        }
        return damaged[0];
    }

    private static Finding notRestored(String database) {
        return new Finding(
                false,
                database,
                "database " + database,
                "restored",
                "not restored",
                Optional.of(new Problem(
                        ErrorCode.VERIFICATION_FAILED,
                        "database \"" + database + "\" was not restored, because what it needs is damaged",
                        "See the other findings of this verification.")));
    }
}
