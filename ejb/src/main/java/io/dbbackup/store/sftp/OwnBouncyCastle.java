package io.dbbackup.store.sftp;

import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.bouncycastle.BouncyCastleSecurityProviderRegistrar;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Lets MINA SSHD use the Bouncy Castle of this deployment, which it needs for Ed25519. By itself it takes whatever the JVM
 * has under the name BC, or registers one there: in an application server that is the Bouncy Castle of another class loader,
 * whose keys are not the classes that are known here, and ours would outlive the deployment. What passes by the megabyte
 * stays with the JDK, which has the processor's help.
 */
final class OwnBouncyCastle extends BouncyCastleSecurityProviderRegistrar {
    private final Provider provider = new BouncyCastleProvider();

    private OwnBouncyCastle() {}

    /** Call it before anything else of MINA SSHD; again is harmless. */
    static synchronized void use() {
        if (!SecurityUtils.isProviderRegistered(SecurityUtils.BOUNCY_CASTLE)) {
            SecurityUtils.registerSecurityProvider(new OwnBouncyCastle());
        }
    }

    @Override
    public boolean isNamedProviderUsed() {
        return false;
    }

    @Override
    public Provider getSecurityProvider() {
        return provider;
    }

    @Override
    public boolean isSecurityEntitySupported(Class<?> type, String name) {
        return type != Cipher.class && type != Mac.class && super.isSecurityEntitySupported(type, name);
    }
}
