package io.dbbackup.service.config;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.access.StorePlace;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

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

    /**
     * The store that a name or a URL means: the configured one at that place, else one to be registered.
     *
     * @param as name to register a store under that is not configured; empty for one made from the place
     * @throws BackupException UNKNOWN_STORE, INVALID_PARAMETER, INVALID_CONFIGURATION
     */
    @Transactional
    public FoundStore store(String nameOrUrl, Optional<String> as) {
        if (!StoreUrl.is(nameOrUrl)) {
            return new FoundStore(configuration.store(nameOrUrl), true);
        }
        Map<String, Object> item = StoreUrl.item(nameOrUrl);
        StoreConfig unnamed = read(item, "store");
        StorePlace place = StorePlace.of(unnamed);
        Optional<StoreConfig> configured = configuration.stores().stream()
                .filter(store -> StorePlace.of(store).equals(place))
                .findFirst();
        if (configured.isPresent()) {
            return new FoundStore(configured.get(), true);
        }
        StoreConfig found = read(item, as.orElseGet(() -> nameOf(place)));
        if (configuration.stores().stream().anyMatch(store -> store.name().equals(found.name()))) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "there is another store \"" + found.name() + "\" already",
                    "Choose another name for the store to be registered under.");
        }
        return new FoundStore(found, false);
    }

    /** @param configured false: {@link #register} makes it known */
    public record FoundStore(StoreConfig store, boolean configured) {}

    /** @throws BackupException UNKNOWN_POLICY */
    @Transactional
    public PolicyConfig policy(String name) {
        return configuration.policy(name);
    }

    /** @throws BackupException INVALID_CONFIGURATION when another store is at the same place */
    @Transactional
    public void register(StoreConfig store) {
        refuseTwin(store);
        configuration.save(store);
    }

    /** @throws BackupException INVALID_CONFIGURATION when another configured store is at the same place */
    @Transactional
    public void refuseTwin(StoreConfig store) {
        StorePlace.twin(store, configuration.stores()).ifPresent(twin -> {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the stores \"" + store.name() + "\" and \"" + twin.name()
                            + "\" are the same place, so each set there would look like two copies",
                    "Give one of them another path, bucket or prefix in the configuration.");
        });
    }

    /** By the rules of the file, secrets in clear included. */
    private StoreConfig read(Map<String, Object> item, String name) {
        Map<String, Object> named = new LinkedHashMap<>(item);
        named.put("name", name);
        String yaml = new Dump(DumpSettings.builder().build()).dumpToString(Map.of("stores", List.of(named)));
        try {
            return new ConfigReader(plugins).read(yaml, ConfigFile.EMPTY).stores().get(0);
        } catch (InvalidConfigurationException e) {
            ConfigError first = e.errors().get(0);
            throw new BackupException(ErrorCode.INVALID_CONFIGURATION, "the URL of the store: " + first.problem(), first.allowed());
        }
    }

    /** The same place always gets the same name. */
    private static String nameOf(StorePlace place) {
        String where = String.join("-", place.where().values()).replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "");
        String tail = where.substring(Math.max(0, where.length() - 40)).replaceAll("^-", "");
        return place.type() + "-" + tail + "-" + Sha256Probe.of(place.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 6);
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
