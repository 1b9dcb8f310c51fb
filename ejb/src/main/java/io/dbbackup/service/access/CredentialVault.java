package io.dbbackup.service.access;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.SecretRef;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.as.server.CurrentServiceContainer;
import org.jboss.msc.service.ServiceContainer;
import org.jboss.msc.service.ServiceController;
import org.jboss.msc.service.ServiceName;
import org.wildfly.security.credential.PasswordCredential;
import org.wildfly.security.credential.store.CredentialStore;
import org.wildfly.security.credential.store.CredentialStoreException;
import org.wildfly.security.password.interfaces.ClearPassword;

/** WildFly's credential store {@code dbbackup}, which administrators fill with the management tools. Thread-safe. */
@ApplicationScoped
public class CredentialVault {
    private static final ServiceName STORE =
            ServiceName.parse("org.wildfly.security.capability.credential-store").append("dbbackup");

    /** @throws BackupException SECRET_UNAVAILABLE when there is no such alias or no such store */
    String read(String alias) {
        SecretRef reference = new SecretRef(SecretRef.Kind.CREDENTIAL, alias);
        ServiceContainer services = CurrentServiceContainer.getServiceContainer();
        ServiceController<?> controller = services == null ? null : services.getService(STORE);
        // the only way to a runtime service by name from a deployment; WildFly keeps the method for this use
        @SuppressWarnings("deprecation")
        Object service = controller == null ? null : controller.getValue();
        if (!(service instanceof CredentialStore store)) {
            throw Secrets.unavailable(reference, "the server has no credential store \"dbbackup\"", null);
        }
        try {
            PasswordCredential credential = store.retrieve(alias, PasswordCredential.class);
            ClearPassword password = credential == null ? null : credential.getPassword(ClearPassword.class);
            if (password == null) {
                throw Secrets.unavailable(reference, "the credential store has no such alias", null);
            }
            return new String(password.getPassword());
        } catch (CredentialStoreException e) {
            throw Secrets.unavailable(reference, "the credential store cannot be read", e);
        }
    }
}
