package io.dbbackup.engine.mysql;

import jakarta.enterprise.context.ApplicationScoped;

/** MariaDB 10.11 and later. */
@ApplicationScoped
public class MariadbEngine extends MysqlFamilyEngine {
    public MariadbEngine() {
        super(Vendor.MARIADB);
    }
}
