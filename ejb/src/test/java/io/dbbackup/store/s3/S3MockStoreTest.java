package io.dbbackup.store.s3;

/** Against S3Mock, which keeps checksums. */
class S3MockStoreTest extends S3StoreContract {
    @Override
    protected S3Peer peer() {
        return S3Peer.s3mock();
    }
}
