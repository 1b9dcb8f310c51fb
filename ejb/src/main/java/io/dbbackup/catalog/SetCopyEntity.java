package io.dbbackup.catalog;

import io.dbbackup.model.VerifyLevel;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A set in one store. */
@Entity
@Table(name = "set_copy")
@IdClass(SetCopyEntity.Key.class)
class SetCopyEntity {
    /** The copy to use where none is chosen: not one that is being deleted, not one that failed its verification. */
    static final Comparator<SetCopyEntity> BEST_FIRST = Comparator.comparing(
                    (SetCopyEntity copy) -> copy.state == BackupSetView.State.EXPIRING)
            .thenComparing(copy -> Boolean.FALSE.equals(copy.verifiedOk))
            .thenComparing(copy -> copy.number);

    @Id
    @Column(name = "set_id")
    String setId;

    @Id
    @Column(name = "store_name")
    String store;

    @Column(name = "copy_number")
    int number;

    @Column(name = "policy_name")
    String policy;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    BackupSetView.State state;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    @Column(name = "verified_level")
    VerifyLevel verifiedLevel;

    @Column(name = "verified_ok")
    Boolean verifiedOk;

    @Column(name = "verified_at")
    Instant verifiedAt;

    /** Set and store. */
    static class Key implements Serializable {
        private static final long serialVersionUID = 1L;

        String setId;
        String store;

        protected Key() {}

        Key(String set, String store) {
            this.setId = set;
            this.store = store;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.setId.equals(setId) && key.store.equals(store);
        }

        @Override
        public int hashCode() {
            return Objects.hash(setId, store);
        }
    }
}
