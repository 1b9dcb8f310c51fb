package io.dbbackup.engine.mysql;

import jakarta.enterprise.context.ApplicationScoped;

/** MySQL 8. */
@ApplicationScoped
public class MysqlEngine extends MysqlFamilyEngine {
    public MysqlEngine() {
        super(Vendor.MYSQL);
    }
}
