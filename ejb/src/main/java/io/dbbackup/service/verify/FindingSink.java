package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.model.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Takes findings one by one, stores them in pages, and remembers what the verdict depends on. */
final class FindingSink {
    private static final int PAGE = 500;

    private final Verifications verifications;
    private final UUID verification;
    private final Consumer<String> warnings;
    private final List<Finding> page = new ArrayList<>();
    private long failures;
    private Optional<Problem> firstFailure = Optional.empty();

    FindingSink(Verifications verifications, UUID verification, Consumer<String> warnings) {
        this.verifications = verifications;
        this.verification = verification;
        this.warnings = warnings;
    }

    void add(Finding finding) {
        if (!finding.passed()) {
            failures++;
            firstFailure = firstFailure.or(finding::problem);
        } else {
            finding.problem().ifPresent(problem -> warnings.accept(problem.cause()));
        }
        page.add(finding);
        if (page.size() == PAGE) {
            flush();
        }
    }

    void flush() {
        verifications.add(verification, List.copyOf(page));
        page.clear();
    }

    long failures() {
        return failures;
    }

    Optional<Problem> firstFailure() {
        return firstFailure;
    }
}
