package io.dbbackup.service.config;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration file that was refused, with everything that is wrong in it. Nothing of it was applied. */
public final class InvalidConfigurationException extends BackupException {
    private static final long serialVersionUID = 1L;

    /** How many errors the message itself names. */
    private static final int NAMED = 20;

    private final transient List<ConfigError> errors;

    public InvalidConfigurationException(List<ConfigError> errors) {
        super(ErrorCode.INVALID_CONFIGURATION, reason(errors), "Correct the file and apply it again.");
        this.errors = List.copyOf(errors);
    }

    /** In the order of the file. */
    public List<ConfigError> errors() {
        return errors;
    }

    private static String reason(List<ConfigError> errors) {
        String all = errors.stream().limit(NAMED).map(ConfigError::toString).collect(Collectors.joining("\n  "));
        String more = errors.size() > NAMED ? "\n  and " + (errors.size() - NAMED) + " more" : "";
        return "the configuration has " + (errors.size() == 1 ? "an error" : errors.size() + " errors") + ", nothing was"
                + " applied:\n  " + all + more;
    }
}
