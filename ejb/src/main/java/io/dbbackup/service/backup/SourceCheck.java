package io.dbbackup.service.backup;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.Problem;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.SetWriter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Whether backups of a source may begin: the preflight of its engine, for each policy, without a backup. So what an account lacks
 * is known before the night. Changes nothing; thread-safe.
 */
@ApplicationScoped
public class SourceCheck {
    private Configuration configuration;
    private Access access;

    protected SourceCheck() {}

    @Inject
    public SourceCheck(Configuration configuration, Access access) {
        this.configuration = configuration;
        this.access = access;
    }

    /**
     * What a backup would meet.
     *
     * @param policy whose backup; empty for one of everything, of a source without policies
     * @param problem why it would be refused; empty when it may begin
     * @param warnings what it would warn of, and what would be well to change
     */
    public record Outlook(Optional<String> policy, Optional<Problem> problem, List<String> warnings) {
        public Outlook {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * One for each policy of the source.
     *
     * @throws BackupException UNKNOWN_SOURCE
     */
    public List<Outlook> outlooks(String source) {
        Endpoint endpoint = access.endpoint(source);
        List<PolicyConfig> policies =
                configuration.policies().stream().filter(policy -> policy.source().equals(source)).toList();
        return policies.isEmpty()
                ? List.of(outlook(endpoint, Optional.empty()))
                : policies.stream().map(policy -> outlook(endpoint, Optional.of(policy.name()))).toList();
    }

    private Outlook outlook(Endpoint source, Optional<String> policy) {
        Set<String> warnings = new LinkedHashSet<>();
        try {
            access.engine(source.engine()).logicalBackup().preflight(new Look(source, spec(source, policy), warnings::add));
            return new Outlook(policy, Optional.empty(), List.copyOf(warnings));
        } catch (RuntimeException e) {
            return new Outlook(policy, Optional.of(BackupException.problemOf(e)), List.copyOf(warnings));
        }
    }

    private BackupSpec spec(Endpoint source, Optional<String> policy) {
        Map<String, String> given = policy.map(name -> Map.of("policy", name))
                // nothing is stored
                .orElse(Map.of("source", source.name(), "store", "none", "codec", PolicyConfig.DEFAULT_CODEC));
        return BackupParameters.of(new Parameters(
                        policy.isPresent() ? BackupParameters.resolve(new Parameters(given), configuration) : given))
                .spec();
    }

    /** For a preflight, which looks at the server and does nothing else. */
    private record Look(Endpoint source, BackupSpec spec, Consumer<String> warn, UUID run, Cancellation cancellation)
            implements BackupContext {
        Look(Endpoint source, BackupSpec spec, Consumer<String> warn) {
            this(source, spec, warn, UUID.randomUUID(), new Cancellation());
        }

        @Override
        public int workers() {
            return 1;
        }

        @Override
        public void warn(String warning) {
            warn.accept(warning);
        }

        @Override
        public void warn(String matter, String warning) {
            warn.accept(warning);
        }

        @Override
        public void advise(String advice) {
            warn.accept(advice);
        }

        @Override
        public void settled(String matter) {
            // nothing was said before
        }

        @Override
        public SetWriter set() {
            throw new UnsupportedOperationException("a preflight writes nothing");
        }

        @Override
        public <T extends AutoCloseable> T hold(String key, Class<T> type, Supplier<T> maker) {
            // a value that items of a backup would ask for: a preflight keeps nothing open
            return maker.get();
        }

        @Override
        public void release(String key) {
            // nothing is held
        }

        @Override
        public void results(String database, String kind, Consumer<DoneItem> each) {
            // no item was done
        }
    }
}
