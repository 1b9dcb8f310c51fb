package io.dbbackup.batch.launch;

import io.dbbackup.catalog.RunView;
import io.dbbackup.service.run.LostRuns;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Schedule;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Makes the executions of a killed server restartable, when it starts again or when others miss it. The batch runtime leaves
 * them STARTED for ever, and the management console then offers only Stop. This happens by SQL, at the start before anything
 * loads them: a loaded execution is cached and would stay STARTED in memory. The tables are JBeret's (JdbcRepository, schema of 3.1).
 */
@Singleton
@Startup
@DependsOn("ejb.jar#CatalogSchema")
@TransactionManagement(TransactionManagementType.BEAN)
public class LostExecutions {
    private static final Logger LOG = Logger.getLogger(LostExecutions.class.getName());
    private static final String ACTIVE = "('STARTING', 'STARTED', 'STOPPING')";

    @Resource(lookup = "java:jboss/datasources/CatalogDS")
    private DataSource dataSource;

    @Inject
    private LostRuns lost;

    @Inject
    private Clock clock;

    @PostConstruct
    void reconcile() {
        lost.endOwn(this::release);
    }

    /** Servers may go for good: whoever is left speaks for them. */
    @Schedule(hour = "*", minute = "*", second = "*/" + LostRuns.INTERVAL, persistent = false)
    void look() {
        try {
            lost.look(this::release);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "runs of servers that are gone cannot be looked for; it will be tried again", e);
        }
    }

    private void release(RunView run) {
        run.jobExecution().ifPresent(this::release);
    }

    private void release(long execution) {
        try (Connection connection = dataSource.getConnection()) {
            if (!hasJobRepository(connection)) {
                return;
            }
            for (long one : ofSameInstance(connection, execution)) {
                update(connection,
                        "update partition_execution set batchstatus = 'STOPPED' where batchstatus in " + ACTIVE
                                + " and stepexecutionid in (select stepexecutionid from step_execution where jobexecutionid = ?)",
                        one);
                updateEnded(connection, "step_execution", one);
                updateEnded(connection, "job_execution", one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "execution " + execution + " of a server that is gone cannot be made restartable: " + e.getMessage(), e);
        }
    }

    /** Also those that were killed before the catalog heard of them. */
    private static List<Long> ofSameInstance(Connection connection, long execution) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select jobexecutionid from job_execution where jobinstanceid"
                + " = (select jobinstanceid from job_execution where jobexecutionid = ?)")) {
            statement.setLong(1, execution);
            try (ResultSet rows = statement.executeQuery()) {
                List<Long> executions = new ArrayList<>();
                while (rows.next()) {
                    executions.add(rows.getLong(1));
                }
                return executions;
            }
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
                + " set batchstatus = 'STOPPED', exitstatus = '" + LostRuns.EXIT_STATUS + "', endtime = ? where batchstatus in " + ACTIVE
                + " and jobexecutionid = ?")) {
            statement.setTimestamp(1, Timestamp.from(clock.instant()));
            statement.setLong(2, execution);
            statement.executeUpdate();
        }
    }
}
