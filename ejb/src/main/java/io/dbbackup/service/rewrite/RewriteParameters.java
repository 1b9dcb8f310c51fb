package io.dbbackup.service.rewrite;

import io.dbbackup.model.Operation;
import io.dbbackup.service.run.Parameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a run that makes a set of another one.
 *
 * @param set the one that is there
 * @param store which copy of it; empty for the best
 * @param to store for the new one; empty for the same
 * @param encrypt names of the keys to encrypt for; empty: not encrypted
 */
record RewriteParameters(String set, Optional<String> store, Optional<String> to, List<String> encrypt) {
    private static final Set<String> DECRYPT = Set.of("set", "store", "to", "workers");
    private static final Set<String> ENCRYPT = Set.of("set", "store", "to", "workers", "encrypt");

    static RewriteParameters of(Operation operation, Parameters given) {
        boolean encrypts = operation == Operation.ENCRYPT;
        given.onlyKnown(encrypts ? ENCRYPT : DECRYPT).number("workers", 0, 0, 64);
        List<String> encrypt = given.list("encrypt");
        if (encrypts && encrypt.isEmpty()) {
            throw Parameters.invalid("no key is named to encrypt for", "Give encrypt=NAME, or several with commas.");
        }
        return new RewriteParameters(given.required("set"), given.text("store"), given.text("to"), encrypt);
    }
}
