package io.dbbackup.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;
import java.util.UUID;

/** A set that a run needs to stay while it is active. */
@Entity
@Table(name = "run_pin")
@IdClass(RunPin.Key.class)
class RunPin {
    @Id
    @Column(name = "run_id")
    UUID runId;

    @Id
    @Column(name = "set_id")
    String setId;

    protected RunPin() {}

    RunPin(UUID runId, String setId) {
        this.runId = runId;
        this.setId = setId;
    }

    /** Run and set. */
    static class Key implements Serializable {
        private static final long serialVersionUID = 1L;

        UUID runId;
        String setId;

        protected Key() {}

        Key(UUID runId, String setId) {
            this.runId = runId;
            this.setId = setId;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.runId.equals(runId) && key.setId.equals(setId);
        }

        @Override
        public int hashCode() {
            return Objects.hash(runId, setId);
        }
    }
}
