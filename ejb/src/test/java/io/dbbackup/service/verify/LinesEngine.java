package io.dbbackup.service.verify;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.LogicalRestore;
import java.nio.file.Path;
import java.util.Map;

/** The engine of {@link io.dbbackup.service.set.SampleSet}: knows rows and nothing else. */
final class LinesEngine implements DatabaseEngine {
    @Override
    public String type() {
        return "test";
    }

    @Override
    public int defaultPort() {
        return 1;
    }

    @Override
    public void validate(Map<String, String> options) {
        // has none
    }

    @Override
    public ServerFacts describe(Endpoint endpoint) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int connections(int workers) {
        return workers;
    }

    @Override
    public LogicalBackup logicalBackup() {
        throw new UnsupportedOperationException();
    }

    @Override
    public LogicalRestore logicalRestore() {
        throw new UnsupportedOperationException();
    }

    @Override
    public RowScanner rowScanner(String format) {
        return new LineRows();
    }

    @Override
    public Sandbox startSandbox(ServerFacts like, Path directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sweepSandboxes(Path directory) {
        // there are none
    }
}
