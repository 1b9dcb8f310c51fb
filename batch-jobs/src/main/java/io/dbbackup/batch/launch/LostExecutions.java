package io.dbbackup.batch.launch;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunEnded;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Makes the executions of a killed server restartable when it starts again. The batch runtime leaves them STARTED for
 * ever, and the management console then offers only Stop. This happens by SQL, before anything loads them: a loaded
 * execution is cached and would stay STARTED in memory. The tables are JBeret's (JdbcRepository, schema of 3.1).
 */
@Singleton
@Startup
@DependsOn("ejb.jar#CatalogSchema")
@TransactionManagement(TransactionManagementType.BEAN)
public class LostExecutions {
    private static final Logger LOG = Logger.getLogger(LostExecutions.class.getName());
    private static final String LOST = "NODE_LOST";
    private static final String ACTIVE = "('STARTING', 'STARTED', 'STOPPING')";

    @Resource(lookup = "java:jboss/datasources/CatalogDS")
    private DataSource dataSource;

    @Inject
    private Runs runs;

    @Inject
    private WorkQueue queue;

    @Inject
    private Executions executions;

    @Inject
    private Event<RunEnded> ended;

    @Inject
    private Node node;

    @Inject
    private Clock clock;

    @PostConstruct
    void reconcile() {
        for (RunView run : runs.orphans(clock.instant().minus(WorkQueue.LEASE), node.name())) {
            if (executions.find(run.id()).isPresent()) {
                continue;
            }
            run.jobExecution().ifPresent(this::release);
            queue.orphaned(run.id());
            runs.problem(run.id(), new Problem(
                    ErrorCode.NODE_LOST,
                    "the server ended while the run was " + run.state(),
                    "Restart the run; it continues with what is left."));
            ended.fire(new RunEnded(runs.end(run.id(), RunState.INTERRUPTED, LOST)));
            LOG.warning(() -> run.label() + " (run " + run.id() + ") was interrupted by the end of the server; it can be restarted");
        }
    }

    private void release(long execution) {
        try (Connection connection = dataSource.getConnection()) {
            if (!hasJobRepository(connection)) {
                return;
            }
            update(connection,
                    "update partition_execution set batchstatus = 'STOPPED' where batchstatus in " + ACTIVE
                            + " and stepexecutionid in (select stepexecutionid from step_execution where jobexecutionid = ?)",
                    execution);
            updateEnded(connection, "step_execution", execution);
            updateEnded(connection, "job_execution", execution);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "execution " + execution + " of the last server cannot be made restartable: " + e.getMessage(), e);
        }
    }

    private static boolean hasJobRepository(Connection connection) throws SQLException {
        for (String name : new String[] {"JOB_EXECUTION", "job_execution"}) {
            try (ResultSet tables = connection.getMetaData().getTables(null, null, name, new String[] {"TABLE", "BASE TABLE"})) {
                if (tables.next()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void update(Connection connection, String sql, long execution) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, execution);
            statement.executeUpdate();
        }
    }

    private void updateEnded(Connection connection, String table, long execution) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("update " + table
                + " set batchstatus = 'STOPPED', exitstatus = '" + LOST + "', endtime = ? where batchstatus in " + ACTIVE
                + " and jobexecutionid = ?")) {
            statement.setTimestamp(1, Timestamp.from(clock.instant()));
            statement.setLong(2, execution);
            statement.executeUpdate();
        }
    }
}
