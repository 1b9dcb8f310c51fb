package io.dbbackup.engine;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** When the server starts, deletes the temporary files, passwords among them, of one that was killed. */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class PrivateFilesSweep {
    private static final Logger LOG = Logger.getLogger(PrivateFilesSweep.class.getName());

    @PostConstruct
    void sweep() {
        try {
            PrivateFiles.ofThisServer().sweep();
        } catch (IOException e) {
            LOG.log(Level.WARNING, e, () -> "Temporary files of an earlier process could not be deleted; a password may be"
                    + " among them. Delete them by hand.");
        }
    }
}
