package io.dbbackup.catalog;

import io.dbbackup.catalog.ConfigEntities.ChannelEntity;
import io.dbbackup.catalog.ConfigEntities.KeyEntity;
import io.dbbackup.catalog.ConfigEntities.Named;
import io.dbbackup.catalog.ConfigEntities.PolicyEntity;
import io.dbbackup.catalog.ConfigEntities.SettingEntity;
import io.dbbackup.catalog.ConfigEntities.SourceEntity;
import io.dbbackup.catalog.ConfigEntities.StoreEntity;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Sources, stores, policies and channels. Each is found by its id or its name, so that job parameters may be either.
 * Thread-safe; each call is one transaction or part of the caller's.
 */
@ApplicationScoped
public class Configuration {
    private static final String REQUIRE_ENCRYPTION = "require_encryption";
    private static final String WORKERS = "limits.workers";

    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    private Clock clock;

    protected Configuration() {}

    @Inject
    public Configuration(Clock clock) {
        this.clock = clock;
    }

    @Transactional
    public void save(SourceConfig source) {
        SourceEntity entity = named(SourceEntity.class, source.name(), SourceEntity::new);
        entity.engine = source.engine();
        entity.settings = Json.write(source);
        em.persist(entity);
    }

    @Transactional
    public void save(StoreConfig store) {
        StoreEntity entity = named(StoreEntity.class, store.name(), StoreEntity::new);
        entity.type = store.type();
        entity.settings = Json.write(store);
        em.persist(entity);
    }

    /** @throws BackupException UNKNOWN_SOURCE or UNKNOWN_STORE when the policy names one that is not there */
    @Transactional
    public void save(PolicyConfig policy) {
        UUID source = find(SourceEntity.class, policy.source()).orElseThrow(() -> unknownSource(policy.source())).id;
        UUID store = find(StoreEntity.class, policy.store()).orElseThrow(() -> unknownStore(policy.store())).id;
        for (String copy : policy.copies()) {
            find(StoreEntity.class, copy).orElseThrow(() -> unknownStore(copy));
        }
        PolicyEntity entity = named(PolicyEntity.class, policy.name(), PolicyEntity::new);
        entity.sourceId = source;
        entity.storeId = store;
        entity.settings = Json.write(policy);
        em.persist(entity);
    }

    @Transactional
    public void save(ChannelConfig channel) {
        ChannelEntity entity = named(ChannelEntity.class, channel.name(), ChannelEntity::new);
        entity.type = channel.type();
        entity.settings = Json.write(channel);
        em.persist(entity);
    }

    @Transactional
    public void save(KeyConfig key) {
        KeyEntity entity = named(KeyEntity.class, key.name(), KeyEntity::new);
        entity.type = key.type();
        entity.settings = Json.write(key);
        em.persist(entity);
    }

    @Transactional
    public List<KeyConfig> keys() {
        return all(KeyEntity.class, KeyConfig.class);
    }

    /** Whether backups that are not encrypted are refused everywhere. */
    @Transactional
    public boolean requireEncryption() {
        return setting(REQUIRE_ENCRYPTION).map(Boolean::parseBoolean).orElse(false);
    }

    @Transactional
    public void requireEncryption(boolean required) {
        setting(REQUIRE_ENCRYPTION, Boolean.toString(required));
    }

    /** Workers of all runs that may be at work at the same time on a server; empty: not limited. */
    @Transactional
    public Optional<Integer> workers() {
        return setting(WORKERS).map(Integer::valueOf).filter(workers -> workers > 0);
    }

    /** @param workers 0: not limited */
    @Transactional
    public void workers(int workers) {
        setting(WORKERS, Integer.toString(workers));
    }

    private Optional<String> setting(String name) {
        return Optional.ofNullable(em.find(SettingEntity.class, name)).map(setting -> setting.value);
    }

    private void setting(String name, String value) {
        SettingEntity setting = em.find(SettingEntity.class, name);
        if (setting == null) {
            setting = new SettingEntity();
            setting.name = name;
            setting.value = value;
            em.persist(setting);
        } else {
            setting.value = value;
        }
    }

    /** @throws BackupException UNKNOWN_SOURCE */
    @Transactional
    public SourceConfig source(String idOrName) {
        return find(SourceEntity.class, idOrName)
                .map(e -> Json.read(e.settings, SourceConfig.class))
                .orElseThrow(() -> unknownSource(idOrName));
    }

    /** @throws BackupException UNKNOWN_STORE */
    @Transactional
    public StoreConfig store(String idOrName) {
        return find(StoreEntity.class, idOrName)
                .map(e -> Json.read(e.settings, StoreConfig.class))
                .orElseThrow(() -> unknownStore(idOrName));
    }

    /** @throws BackupException UNKNOWN_POLICY */
    @Transactional
    public PolicyConfig policy(String idOrName) {
        return find(PolicyEntity.class, idOrName)
                .map(e -> Json.read(e.settings, PolicyConfig.class))
                .orElseThrow(() -> new BackupException(
                        ErrorCode.UNKNOWN_POLICY,
                        "there is no policy \"" + idOrName + "\"",
                        "Apply a configuration that has it, or name one of: " + names(PolicyEntity.class) + "."));
    }

    @Transactional
    public List<SourceConfig> sources() {
        return all(SourceEntity.class, SourceConfig.class);
    }

    @Transactional
    public List<StoreConfig> stores() {
        return all(StoreEntity.class, StoreConfig.class);
    }

    @Transactional
    public List<PolicyConfig> policies() {
        return all(PolicyEntity.class, PolicyConfig.class);
    }

    @Transactional
    public List<ChannelConfig> channels() {
        return all(ChannelEntity.class, ChannelConfig.class);
    }

    /** Id of a configured thing; empty when there is none of that name. */
    @Transactional
    public Optional<UUID> sourceId(String name) {
        return find(SourceEntity.class, name).map(e -> e.id);
    }

    private BackupException unknownSource(String name) {
        return new BackupException(
                ErrorCode.UNKNOWN_SOURCE,
                "there is no source \"" + name + "\"",
                "Apply a configuration that has it, or name one of: " + names(SourceEntity.class) + ".");
    }

    private BackupException unknownStore(String name) {
        return new BackupException(
                ErrorCode.UNKNOWN_STORE,
                "there is no store \"" + name + "\"",
                "Apply a configuration that has it, or name one of: " + names(StoreEntity.class) + ".");
    }

    /** The stored one, or a new one for the caller to fill and persist: what is inserted is what it holds by then. */
    private <E extends Named> E named(Class<E> type, String name, Supplier<E> maker) {
        E entity = byName(type, name).orElseGet(() -> {
            E made = maker.get();
            made.id = UUID.randomUUID();
            made.name = name;
            return made;
        });
        entity.updatedAt = clock.instant();
        return entity;
    }

    private <E extends Named> Optional<E> find(Class<E> type, String idOrName) {
        return byName(type, idOrName).or(() -> uuid(idOrName).map(id -> em.find(type, id)));
    }

    private <E extends Named> Optional<E> byName(Class<E> type, String name) {
        return em.createQuery("select e from " + type.getSimpleName() + " e where e.name = :name", type)
                .setParameter("name", name)
                .getResultStream()
                .findFirst();
    }

    private <E extends Named, R> List<R> all(Class<E> type, Class<R> record) {
        return em.createQuery("select e.settings from " + type.getSimpleName() + " e order by e.name", String.class)
                .getResultStream()
                .map(json -> Json.read(json, record))
                .toList();
    }

    private <E extends Named> String names(Class<E> type) {
        List<String> names = em.createQuery(
                        "select e.name from " + type.getSimpleName() + " e order by e.name", String.class)
                .setMaxResults(20)
                .getResultList();
        return names.isEmpty() ? "(none is configured)" : String.join(", ", names);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
