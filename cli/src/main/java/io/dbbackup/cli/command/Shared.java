package io.dbbackup.cli.command;

import io.dbbackup.cli.Environment;
import io.dbbackup.cli.Terminal;

import java.util.Optional;

/** What every command gets from the outside, and what is to be known of it when it has ended. Of one thread. */
public final class Shared {
    private final Terminal terminal;
    private final Environment environment;
    private Optional<String> told = Optional.empty();

    public Shared(Terminal terminal, Environment environment) {
        this.terminal = terminal;
        this.environment = environment;
    }

    public Terminal terminal() {
        return terminal;
    }

    public Environment environment() {
        return environment;
    }

    /** The exit status says how this run has ended, whether or not anybody can read the output; empty: it says that of none. */
    void told(Optional<String> run) {
        told = run;
    }

    /** Of which run the exit status says how it has ended; empty when it says that of none. */
    public Optional<String> told() {
        return told;
    }
}
