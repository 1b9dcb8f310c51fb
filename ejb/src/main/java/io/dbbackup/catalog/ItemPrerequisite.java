package io.dbbackup.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;

@Entity
@Table(name = "item_prerequisite")
@IdClass(ItemPrerequisite.Key.class)
class ItemPrerequisite {
    @Id
    @Column(name = "item_id")
    Long itemId;

    @Id
    @Column(name = "needs_id")
    Long needsId;

    protected ItemPrerequisite() {}

    ItemPrerequisite(Long itemId, Long needsId) {
        this.itemId = itemId;
        this.needsId = needsId;
    }

    static class Key implements Serializable {
        Long itemId;
        Long needsId;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.itemId.equals(itemId) && key.needsId.equals(needsId);
        }

        @Override
        public int hashCode() {
            return Objects.hash(itemId, needsId);
        }
    }
}
