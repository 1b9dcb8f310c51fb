package io.dbbackup.cli.command;

import io.dbbackup.cli.Environment;
import io.dbbackup.cli.Terminal;
import java.util.Optional;

/** What every command gets from the outside, and what is to be known of it when it has ended. Of one thread. */
public final class Shared {
    private final Terminal terminal;
    private final Environment environment;
    private Optional<Told> told = Optional.empty();

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

    /**
     * A run that was told of on standard output.
     *
     * @param status the exit status that says how it has ended; empty when it has not
     */
    public record Told(String run, Optional<Integer> status) {}

    /** Whether or not anybody could read it. What follows may still end this command in another way. */
    void told(Told last) {
        told = Optional.of(last);
    }

    /** The last one; empty when there was none. */
    public Optional<Told> told() {
        return told;
    }
}
