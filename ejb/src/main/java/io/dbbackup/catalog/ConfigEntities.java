package io.dbbackup.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;

/** The kinds of configuration; each keeps its record as JSON beside the columns that are searched. */
final class ConfigEntities {
    private ConfigEntities() {}

    @MappedSuperclass
    abstract static class Named {
        @Id
        UUID id;

        String name;

        @JdbcType(UnlimitedText.class)
        String settings;

        @Column(name = "updated_at")
        Instant updatedAt;
    }

    @Entity(name = "SourceEntity")
    @Table(name = "source")
    static class SourceEntity extends Named {
        String engine;
    }

    @Entity(name = "StoreEntity")
    @Table(name = "store")
    static class StoreEntity extends Named {
        String type;
    }

    @Entity(name = "PolicyEntity")
    @Table(name = "policy")
    static class PolicyEntity extends Named {
        @Column(name = "source_id")
        UUID sourceId;

        @Column(name = "store_id")
        UUID storeId;
    }

    @Entity(name = "KeyEntity")
    @Table(name = "encryption_key")
    static class KeyEntity extends Named {
        String type;
    }

    /** One value for the whole installation. */
    @Entity(name = "SettingEntity")
    @Table(name = "setting")
    static class SettingEntity {
        @Id
        String name;

        @JdbcType(UnlimitedText.class)
        @Column(name = "setting_value")
        String value;
    }

    @Entity(name = "ChannelEntity")
    @Table(name = "channel")
    static class ChannelEntity extends Named {
        String type;
    }
}
