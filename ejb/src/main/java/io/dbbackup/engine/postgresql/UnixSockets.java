package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.postgresql.Driver;

/** Makes sure that the driver's class loader knows our socket factory. Thread-safe. */
final class UnixSockets {
    private static final String FACTORY = "org.postgresql.DbbackupUnixSockets";
    /** What the factory consists of, in an order in which the classes can be defined. */
    private static final List<String> CLASSES = List.of(FACTORY + "$UnixSocket", FACTORY);

    private UnixSockets() {}

    /** Name of the class for the driver's property {@code socketFactory}. */
    static synchronized String factory() {
        try {
            Class.forName(FACTORY, false, Driver.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            define();
        }
        return FACTORY;
    }

    private static void define() {
        try {
            MethodHandles.Lookup driver = MethodHandles.privateLookupIn(Driver.class, MethodHandles.lookup());
            for (String name : CLASSES) {
                driver.defineClass(bytes(name));
            }
        } catch (IOException | IllegalAccessException e) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "the driver cannot be taught to use Unix sockets: " + e,
                    "Give the server's TCP host and port instead, and report this defect.",
                    e);
        }
    }

    private static byte[] bytes(String name) throws IOException {
        String path = name.replace('.', '/') + ".class";
        try (InputStream in = UnixSockets.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("there is no " + path);
            }
            return in.readAllBytes();
        }
    }
}
