package io.dbbackup.service.run;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.jboss.as.server.CurrentServiceContainer;
import org.jboss.as.server.suspend.SuspensionStateProvider;
import org.jboss.msc.Service;
import org.jboss.msc.service.ServiceBuilder;
import org.jboss.msc.service.ServiceContainer;
import org.jboss.msc.service.ServiceController;
import org.jboss.msc.service.ServiceName;

/** This server. Thread-safe. */
@ApplicationScoped
public class Node {
    private static final ServiceName SUSPENSION = ServiceName.parse("org.wildfly.server.suspend-controller");

    private Supplier<SuspensionStateProvider> suspension;
    private ServiceController<?> watcher;

    /** The service container shows this service to others that require it, and to nobody else. */
    @PostConstruct
    void watch() {
        ServiceContainer services = CurrentServiceContainer.getServiceContainer();
        ServiceBuilder<?> builder = services.addService();
        suspension = builder.requires(SUSPENSION);
        watcher = builder.setInstance(Service.NULL).install();
    }

    @PreDestroy
    void forget() {
        watcher.setMode(ServiceController.Mode.REMOVE);
    }

    /** Its name among those that share the catalog; it survives a restart of the server. */
    public String name() {
        return System.getProperty("jboss.node.name", "node");
    }

    /** True while it is being shut down, by whatever means, or is suspended: then WildFly stops every job. */
    public boolean suspended() {
        try {
            return suspension != null && suspension.get().getState() != SuspensionStateProvider.State.RUNNING;
        } catch (IllegalStateException e) {
            // the container takes its services apart: whoever asks so late has been stopped long before
            return true;
        }
    }
}
