package io.dbbackup.service.verify;

import io.dbbackup.spi.DatabaseEngine;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.logging.Level;
import java.util.logging.Logger;

/** When the server starts, removes the throwaway servers of one that was killed. */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class SandboxSweep {
    private static final Logger LOG = Logger.getLogger(SandboxSweep.class.getName());

    @Inject
    @Any
    private Instance<DatabaseEngine> engines;

    @PostConstruct
    void sweep() {
        for (DatabaseEngine engine : engines) {
            try {
                engine.sweepSandboxes(SandboxDirectory.path());
            } catch (RuntimeException e) {
                // they cost space, and must not keep backups from being made
                LOG.log(Level.WARNING, e, () -> "throwaway servers in " + SandboxDirectory.path()
                        + " could not be removed");
            }
        }
    }
}
