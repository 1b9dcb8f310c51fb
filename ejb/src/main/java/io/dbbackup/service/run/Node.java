package io.dbbackup.service.run;

import jakarta.enterprise.context.ApplicationScoped;

/** The name of this server among those that share the catalog; it survives a restart of the server. */
@ApplicationScoped
public class Node {
    public String name() {
        return System.getProperty("jboss.node.name", "node");
    }
}
