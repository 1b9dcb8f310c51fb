package io.dbbackup.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;

/** A set in a store that refers to blobs of another set there. */
@Entity
@Table(name = "set_reference")
@IdClass(SetReferenceEntity.Key.class)
class SetReferenceEntity {
    @Id
    @Column(name = "set_id")
    String setId;

    @Id
    @Column(name = "store_name")
    String store;

    @Id
    @Column(name = "origin_id")
    String originId;

    protected SetReferenceEntity() {}

    SetReferenceEntity(String setId, String store, String originId) {
        this.setId = setId;
        this.store = store;
        this.originId = originId;
    }

    /** All three. */
    static class Key implements Serializable {
        private static final long serialVersionUID = 1L;

        String setId;
        String store;
        String originId;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && key.setId.equals(setId)
                    && key.store.equals(store)
                    && key.originId.equals(originId);
        }

        @Override
        public int hashCode() {
            return Objects.hash(setId, store, originId);
        }
    }
}
