package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Restores PostgreSQL databases from a set of the logical backup. Thread-safe, without state of its own.
 *
 * <p><b>Order.</b> Globals; then per database, independently of the others: schema (create the database and everything
 * that comes before data), data parts in parallel, the indexes and constraints of a table as soon as its data is in,
 * sequences and large objects, the rest of the definitions with the materialized views, ANALYZE, finish.
 *
 * <p><b>Temporary names.</b> A database is filled as {@code dbbackup_restoring_<run>_<n>} and renamed by its finish item,
 * so that an unfinished database is never taken for a good one, and a database that is replaced lives until its successor
 * is complete. {@link #discard} drops what a run that will not be restarted has left.
 *
 * <p><b>postgres and template1</b> exist on every server. They are replaced without asking as long as they hold nothing;
 * meanwhile the restore connects to the other one of the two.
 *
 * <p><b>Exactly once.</b> Each transaction that loads or defines something inserts its item into a marker table of the
 * same database first, see {@link Markers}. Everything else can be done again.
 */
public final class PgLogicalRestore implements LogicalRestore {
    private final CompareItem compare = new CompareItem();

    @Override
    public void preflight(RestoreContext context) {
        new RestorePreflight(context).check();
    }

    @Override
    public List<ItemDraft> plan(RestoreContext context) {
        return new RestorePlan(context).restore();
    }

    @Override
    public List<ItemDraft> planComparison(RestoreContext context) {
        return new RestorePlan(context).comparison();
    }

    @Override
    public String comparisonKind() {
        return RestoreKind.COMPARE;
    }

    @Override
    public String finishKind() {
        return RestoreKind.FINISH;
    }

    @Override
    public Optional<String> rowsOnlyKind() {
        return Optional.of(RestoreKind.KEY_CHECK);
    }

    @Override
    public ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        context.cancellation().check();
        try {
            return executed(context, item, progress);
        } catch (RuntimeException e) {
            // whatever a stop breaks off says what broke, which is not the reason
            context.cancellation().check();
            throw e;
        }
    }

    private ItemResult executed(RestoreContext context, WorkItem item, Progress progress) {
        return switch (item.kind()) {
            case RestoreKind.CHOOSE -> new ChosenTablespaces.Item().execute(context, item);
            case RestoreKind.GLOBALS -> new GlobalsItem().execute(context, progress);
            case RestoreKind.SCHEMA -> DataOnly.is(context)
                    ? new PrepareItem().execute(context, item)
                    : new SchemaItem().execute(context, item);
            case RestoreKind.KEY_CHECK -> new KeyCheckItem().execute(context, item);
            case RestoreKind.DATA -> new DataItem().execute(context, item, progress);
            case RestoreKind.OBJECTS -> new ObjectsItem().execute(context, item, progress);
            case RestoreKind.INDEXES -> new IndexItem().execute(context, item);
            case RestoreKind.REST -> new RestItem().execute(context, item);
            case RestoreKind.ANALYZE -> new AnalyzeItem().execute(context, item);
            case RestoreKind.FINISH -> DataOnly.is(context)
                    ? new DataFinishItem().execute(context, item)
                    : new FinishItem().execute(context, item);
            case RestoreKind.COMPARE -> compare.execute(context, item, progress);
            default -> throw item.unknownKind();
        };
    }

    /** Nothing but whether the server is there: the database that is replaced is dropped when its successor has its name. */
    @Override
    public void requireDiscardable(Endpoint target, UUID run, Map<Long, String> finishing) {
        try (Connection connection = PgConnections.openMaintenance(target, "discard")) {
            new Sql(connection, target).truth("SELECT true");
        } catch (SQLException e) {
            throw PgErrors.translate(e, target, "asking before unfinished databases are dropped");
        }
    }

    /** Finished databases have their final names and stay. */
    @Override
    public Discarded discard(Endpoint target, UUID run) {
        try (Connection connection = PgConnections.openMaintenance(target, "discard")) {
            Sql sql = new Sql(connection, target);
            List<String> names = sql.list(
                    "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname::text, ?)"
                            + " ORDER BY datname",
                    row -> row.getString(1), RestoreTarget.prefix(run));
            names.forEach(name -> TargetDatabase.dropTemporary(sql, name));
            return Discarded.of(names);
        } catch (SQLException e) {
            throw PgErrors.translate(e, target, "dropping unfinished databases");
        }
    }

    /** The rows have no mark of their own: what was loaded, large objects included, stays as it is. */
    @Override
    public Discarded discardRows(Endpoint target, UUID run, String database) {
        return Discarded.of(DataOnly.discard(target, run, database) ? List.of(database) : List.of());
    }
}
