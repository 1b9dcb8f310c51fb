package io.dbbackup.catalog;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceUnit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.hibernate.SessionFactory;

/**
 * Brings the catalog's schema up to date when the server starts, before anything uses it, and has Hibernate compare it
 * with the entities: a catalog that does not fit stops the deployment instead of losing data later.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class CatalogSchema {
    @Resource(lookup = "java:jboss/datasources/CatalogDS")
    private DataSource dataSource;

    @PersistenceUnit(unitName = "catalog")
    private EntityManagerFactory entityManagers;

    @PostConstruct
    void migrate() {
        H2Catalog.readAnew(dataSource);
        Flyway.configure(CatalogSchema.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:db/catalog")
                .table("catalog_schema_history")
                .placeholders(Map.of("text", textType()))
                // the job repository's tables share the database
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
        entityManagers.unwrap(SessionFactory.class).getSchemaManager().validateMappedObjects();
    }

    private String textType() {
        try (Connection connection = dataSource.getConnection()) {
            // what Hibernate's dialects call a string without a limit
            return H2Catalog.is(connection) ? "clob" : "text";
        } catch (SQLException e) {
            throw new IllegalStateException("the catalog's database cannot be reached: " + e.getMessage(), e);
        }
    }
}
