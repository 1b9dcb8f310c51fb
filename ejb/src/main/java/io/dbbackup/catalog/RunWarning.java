package io.dbbackup.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;

@Entity
@Table(name = "run_warning")
class RunWarning {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(name = "run_id")
    UUID runId;

    @JdbcType(UnlimitedText.class)
    String text;

    String matter;

    protected RunWarning() {}

    RunWarning(UUID runId, String text) {
        this(runId, text, null);
    }

    /** @param matter as in {@link Runs#settled}; null for none */
    RunWarning(UUID runId, String text, String matter) {
        this.runId = runId;
        this.text = text;
        this.matter = matter;
    }
}
