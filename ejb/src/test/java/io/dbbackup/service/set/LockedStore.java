package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BlobStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A store that deletes nothing, as one with a retention of 30 days. */
public final class LockedStore {
    private LockedStore() {}

    /** @param code of the refusal: BLOB_LOCKED, or what a store in trouble answers */
    public static BlobStore of(BlobStore store, ErrorCode code) {
        return (BlobStore) Proxy.newProxyInstance(
                LockedStore.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("delete") && store.stat((String) arguments[0]).isPresent()) {
                        throw new BackupException(code, "deleting " + arguments[0] + ": delete refused until 2031-05-01T12:00:00Z", "Wait.");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
