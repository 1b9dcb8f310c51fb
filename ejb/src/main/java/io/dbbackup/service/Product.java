package io.dbbackup.service;

/** What we call ourselves in manifests, reports and application names. */
public final class Product {
    public static final String VERSION = version();
    public static final String NAME_AND_VERSION = "dbbackup " + VERSION;

    private Product() {}

    private static String version() {
        String version = Product.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
