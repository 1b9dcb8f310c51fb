package io.dbbackup.cli;

import io.dbbackup.cli.command.ApplyCommand;
import io.dbbackup.cli.command.BackupCommand;
import io.dbbackup.cli.command.CatalogCommand;
import io.dbbackup.cli.command.ConfigCommand;
import io.dbbackup.cli.command.CopyCommand;
import io.dbbackup.cli.command.DecryptCommand;
import io.dbbackup.cli.command.DiscardCommand;
import io.dbbackup.cli.command.DoctorCommand;
import io.dbbackup.cli.command.EncryptCommand;
import io.dbbackup.cli.command.KeysCommand;
import io.dbbackup.cli.command.ListCommand;
import io.dbbackup.cli.command.RemoveCommand;
import io.dbbackup.cli.command.ReportCommand;
import io.dbbackup.cli.command.RestartCommand;
import io.dbbackup.cli.command.RestoreCommand;
import io.dbbackup.cli.command.RetentionCommand;
import io.dbbackup.cli.command.RunsCommand;
import io.dbbackup.cli.command.ShowCommand;
import io.dbbackup.cli.command.StatusCommand;
import io.dbbackup.cli.command.StopCommand;
import io.dbbackup.cli.command.ToolsCommand;
import io.dbbackup.cli.command.StoresCommand;
import io.dbbackup.cli.command.VerifyCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command without a subcommand: help. */
@Command(
        name = "dbbackup",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Database backup that is proven to restore.",
        subcommands = {
            BackupCommand.class,
            VerifyCommand.class,
            RestoreCommand.class,
            RetentionCommand.class,
            EncryptCommand.class,
            DecryptCommand.class,
            RemoveCommand.class,
            ListCommand.class,
            ShowCommand.class,
            RunsCommand.class,
            StopCommand.class,
            RestartCommand.class,
            DiscardCommand.class,
            CopyCommand.class,
            ApplyCommand.class,
            ConfigCommand.class,
            KeysCommand.class,
            ToolsCommand.class,
            CatalogCommand.class,
            StoresCommand.class,
            ReportCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            HelpCommand.class
        },
        footerHeading = "%n",
        footer = {
            "Environment: DBBACKUP_URL, DBBACKUP_USER, DBBACKUP_PASSWORD_FILE, NO_COLOR",
            "Exit status: 0 success, 2 partial, 3 verification failed, 64 usage, 65 data, 66 not found, 69 unavailable,",
            "             70 internal, 73 cannot create, 74 I/O, 75 try later, 77 permission, 78 configuration,",
            "             124 timeout, 130 stopped"
        })
final class RootCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
