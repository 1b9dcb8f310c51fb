package io.dbbackup.store.s3;

/** Against S3Mock, which keeps checksums. */
class S3MockStoreTest extends S3StoreContract {
    @Override
    protected S3Peer peer() {
        return S3Peer.s3mock();
    }

    /** S3Mock looks for the name and takes it in two steps: both were seen to win. S3Proxy decides. */
    @Override
    protected boolean serverDecidesRaces() {
        return false;
    }
}
