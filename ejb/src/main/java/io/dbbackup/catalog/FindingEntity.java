package io.dbbackup.catalog;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;

@Entity
@Table(name = "verification_finding")
class FindingEntity {
    /** Of the columns for subject, expected and found, in characters. */
    private static final int WIDTH = 1000;

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(name = "verification_id")
    UUID verification;

    boolean passed;

    @Column(name = "database_name")
    String database;

    String subject;
    String expected;
    String found;

    @Column(name = "problem_code")
    String problemCode;

    @Column(name = "problem_cause")
    @JdbcType(UnlimitedText.class)
    String problemCause;

    @Column(name = "problem_remedy")
    @JdbcType(UnlimitedText.class)
    String problemRemedy;

    protected FindingEntity() {}

    FindingEntity(UUID verification, Finding finding) {
        this.verification = verification;
        passed = finding.passed();
        database = finding.database();
        subject = fitting(finding.subject());
        expected = fitting(finding.expected());
        found = fitting(finding.found());
        finding.problem().ifPresent(problem -> {
            problemCode = problem.code().name();
            problemCause = problem.cause();
            problemRemedy = problem.remedy();
        });
    }

    Finding view() {
        Optional<Problem> problem = problemCode == null
                ? Optional.empty()
                : Optional.of(new Problem(ErrorCode.valueOf(problemCode), problemCause, problemRemedy));
        return new Finding(passed, database, subject, expected, found, problem);
    }

    private static String fitting(String text) {
        return text.length() <= WIDTH ? text : text.substring(0, WIDTH - 1) + "…";
    }
}
