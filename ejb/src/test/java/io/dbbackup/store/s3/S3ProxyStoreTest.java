package io.dbbackup.store.s3;

/** Against S3Proxy, which checks signatures. */
class S3ProxyStoreTest extends S3StoreContract {
    @Override
    protected S3Peer peer() {
        return S3Peer.s3proxy();
    }
}
