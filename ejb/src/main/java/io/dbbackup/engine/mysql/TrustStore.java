package io.dbbackup.engine.mysql;

import io.dbbackup.engine.PrivateFiles;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Properties;

/**
 * The certificates of {@link MysqlOptions#CA} as the driver takes them: it reads no PEM, but a key store of Java from a URL. Made anew for
 * every connection, so that a renewed file holds from the next one on, and deleted when that is made. Not thread-safe.
 */
final class TrustStore implements AutoCloseable {
    private static final String TYPE = "JKS";
    /** Certificates are no secret, but the type wants one. */
    private static final String PASSWORD = "certificates";

    private final Path file;

    private TrustStore(Path file) {
        this.file = file;
    }

    /** @throws BackupException INVALID_CONFIGURATION when the file cannot be read or holds no certificate */
    static TrustStore of(Endpoint endpoint, String pem) {
        try {
            KeyStore store = KeyStore.getInstance(TYPE);
            store.load(null, null);
            try (InputStream in = Files.newInputStream(Path.of(pem))) {
                for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("ca-" + store.size(), certificate);
                }
            }
            if (store.size() == 0) {
                throw new CertificateException("it holds no certificate");
            }
            TrustStore made = new TrustStore(PrivateFiles.ofThisServer().create("mysql-ca-", ".jks"));
            try (OutputStream out = Files.newOutputStream(made.file)) {
                store.store(out, PASSWORD.toCharArray());
                return made;
            } catch (IOException | GeneralSecurityException e) {
                made.close();
                throw e;
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the " + MysqlOptions.CA + " of \"" + endpoint.name() + "\", " + pem + ", cannot be used: " + e,
                    "Give a file with one or more certificates in PEM form that the server's user can read.",
                    e);
        }
    }

    void into(Properties properties) {
        properties.setProperty("trustCertificateKeyStoreUrl", file.toUri().toString());
        properties.setProperty("trustCertificateKeyStoreType", TYPE);
        properties.setProperty("trustCertificateKeyStorePassword", PASSWORD);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // no secret is in it, and the next sweep tries again
            return;
        }
    }
}
