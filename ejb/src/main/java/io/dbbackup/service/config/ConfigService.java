package io.dbbackup.service.config;

import io.dbbackup.catalog.Configuration;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.util.Map;
import java.util.Optional;

/** Applies configuration files to the catalog and gives the configuration back as a file. Thread-safe. */
@ApplicationScoped
public class ConfigService {
    private Configuration configuration;
    private Plugins plugins;

    protected ConfigService() {}

    @Inject
    public ConfigService(Configuration configuration, Plugins plugins) {
        this.configuration = configuration;
        this.plugins = plugins;
    }

    /**
     * Applies a file in one transaction: all of it or nothing. Applying it again changes nothing. What is configured but
     * not in the file stays as it is.
     *
     * @param dryRun only say what would change
     * @throws InvalidConfigurationException with every error of the file and its place
     */
    @Transactional
    public ApplyResult apply(String yaml, boolean dryRun) {
        ConfigFile existing = current();
        ConfigFile file = new ConfigReader(plugins).read(yaml, existing);
        if (!dryRun) {
            file.requireEncryption().ifPresent(configuration::requireEncryption);
            file.workers().ifPresent(configuration::workers);
        }
        return dryRun
                ? Changes.between(existing, file)
                : Changes.save(
                        existing,
                        file,
                        configuration::save,
                        configuration::save,
                        configuration::save,
                        configuration::save,
                        configuration::save);
    }

    /** Everything that is configured, under the keys of the file; references to secrets, never secrets. */
    @Transactional
    public Map<String, Object> tree() {
        return ConfigWriter.tree(current());
    }

    /** The same as a file that can be applied. */
    @Transactional
    public String yaml() {
        return ConfigWriter.yaml(current());
    }

    private ConfigFile current() {
        return new ConfigFile(
                configuration.sources(), configuration.stores(), configuration.policies(), configuration.channels(),
                configuration.keys(), Optional.of(configuration.requireEncryption()), configuration.workers());
    }
}
