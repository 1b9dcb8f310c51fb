package io.dbbackup.cli.command;

import io.dbbackup.cli.Environment;
import io.dbbackup.cli.Terminal;

/** What every command gets from the outside. */
public record Shared(Terminal terminal, Environment environment) {}
