package io.dbbackup.catalog;

import static net.bytebuddy.matcher.ElementMatchers.isAnnotatedWith;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.Transactional;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.implementation.MethodDelegation;
import net.bytebuddy.implementation.bind.annotation.Origin;
import net.bytebuddy.implementation.bind.annotation.RuntimeType;
import net.bytebuddy.implementation.bind.annotation.SuperCall;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;

/**
 * The catalog without an application server: the real migrations, entities and repositories on an H2 database in memory.
 * {@code @Transactional} is honoured, REQUIRES_NEW included, by subclasses made at run time. Thread-safe.
 */
public final class CatalogFixture implements AutoCloseable {
    /** Made once: starting Hibernate takes longer than most tests. */
    private static final EntityManagerFactory FACTORY = start();

    private static final ThreadLocal<Deque<EntityManager>> OPEN = ThreadLocal.withInitial(ArrayDeque::new);
    private static final EntityManager CURRENT = (EntityManager) Proxy.newProxyInstance(
            CatalogFixture.class.getClassLoader(), new Class<?>[] {EntityManager.class}, (proxy, method, arguments) -> {
                try {
                    return method.invoke(OPEN.get().getFirst(), arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
    /** A new one for each bean would never be compiled. */
    private static final ClassValue<Class<?>> TRANSACTIONAL = new ClassValue<>() {
        @Override
        protected Class<?> computeValue(Class<?> type) {
            return new ByteBuddy()
                    .subclass(type)
                    .method(isAnnotatedWith(Transactional.class))
                    .intercept(MethodDelegation.to(new InTransaction()))
                    .make()
                    .load(type.getClassLoader(), ClassLoadingStrategy.Default.INJECTION)
                    .getLoaded();
        }
    };

    /** An empty catalog. There is one per JVM, so that tests with a catalog must not run side by side. */
    public CatalogFixture() {
        inTransaction(() -> List.of(
                        "verification_finding", "verification", "set_reference", "set_copy", "backup_set", "item_prerequisite", "work_item",
                        "run_warning", "run_pin", "run", "policy", "source", "store", "channel",
                        "encryption_key", "setting")
                .forEach(table -> CURRENT.createNativeQuery("delete from " + table).executeUpdate()));
    }

    private static EntityManagerFactory start() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000");
        migrate(h2);
        org.hibernate.cfg.Configuration configuration = new org.hibernate.cfg.Configuration();
        List.of(
                        BackupSetEntity.class,
                        SetCopyEntity.class,
                        ConfigEntities.SourceEntity.class,
                        ConfigEntities.StoreEntity.class,
                        ConfigEntities.PolicyEntity.class,
                        ConfigEntities.ChannelEntity.class,
                        ConfigEntities.KeyEntity.class,
                        ConfigEntities.SettingEntity.class,
                        FindingEntity.class,
                        ItemPrerequisite.class,
                        RunEntity.class,
                        RunPin.class,
                        RunWarning.class,
                        SetReferenceEntity.class,
                        VerificationEntity.class,
                        WorkItemEntity.class)
                .forEach(configuration::addAnnotatedClass);
        configuration.getProperties().put("hibernate.connection.datasource", h2);
        configuration.setProperty("hibernate.hbm2ddl.auto", "none");
        configuration.setProperty("hibernate.jdbc.batch_size", "500");
        configuration.setProperty("hibernate.order_inserts", "true");
        configuration.setProperty("hibernate.timezone.default_storage", "NORMALIZE_UTC");
        SessionFactory factory = configuration.buildSessionFactory();
        factory.getSchemaManager().validateMappedObjects();
        return factory;
    }

    private static void migrate(DataSource h2) {
        H2Catalog.readAnew(h2);
        Flyway.configure(CatalogFixture.class.getClassLoader())
                .dataSource(h2)
                .locations("classpath:db/catalog")
                .placeholders(java.util.Map.of("text", "clob"))
                .load()
                .migrate();
    }

    /** An instance of a repository or service with that constructor, its transactions and its entity manager. */
    public <T> T bean(Class<T> type, Object... arguments) {
        try {
            Constructor<?> constructor = Arrays.stream(TRANSACTIONAL.get(type).getDeclaredConstructors())
                    .filter(c -> c.getParameterCount() == arguments.length)
                    .findFirst()
                    .orElseThrow();
            constructor.setAccessible(true);
            T bean = type.cast(constructor.newInstance(arguments));
            for (Field field : type.getDeclaredFields()) {
                if (field.getType() == EntityManager.class) {
                    field.setAccessible(true);
                    field.set(bean, CURRENT);
                }
            }
            return bean;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Id of what is configured under a name. */
    public String idOf(String table, String name) {
        List<String> ids = new ArrayList<>();
        inTransaction(() -> ids.add((String) CURRENT.createNativeQuery(
                        "select cast(id as varchar) from " + table + " where name = :name", String.class)
                .setParameter("name", name)
                .getSingleResult()));
        return ids.get(0);
    }

    /** Runs something inside one transaction, as the application server does with a work item. */
    public void inTransaction(Runnable body) {
        try {
            inNewTransaction(() -> {
                body.run();
                return null;
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes rows as nothing here would, to what an older version or another catalog has left. */
    public void change(String sql) {
        inTransaction(() -> CURRENT.createNativeQuery(sql).executeUpdate());
    }

    private static Object inNewTransaction(Callable<?> body) throws Exception {
        EntityManager em = FACTORY.createEntityManager();
        OPEN.get().addFirst(em);
        try {
            em.getTransaction().begin();
            Object result = body.call();
            em.getTransaction().commit();
            return result;
        } finally {
            if (em.getTransaction().isActive()) {
                em.getTransaction().rollback();
            }
            OPEN.get().removeFirst();
            em.close();
        }
    }

    /** How many runs are read out of the catalog while something is done. */
    static long runsRead(Runnable body) {
        Statistics statistics = FACTORY.unwrap(SessionFactory.class).getStatistics();
        statistics.setStatisticsEnabled(true);
        try {
            long before = statistics.getEntityStatistics(RunEntity.class.getName()).getLoadCount();
            body.run();
            return statistics.getEntityStatistics(RunEntity.class.getName()).getLoadCount() - before;
        } finally {
            statistics.setStatisticsEnabled(false);
        }
    }

    @Override
    public void close() {
        // the next one empties it
    }

    /** Public for the generated classes. */
    public static final class InTransaction {
        @RuntimeType
        public Object call(@Origin Method method, @SuperCall Callable<?> body) throws Exception {
            boolean joins = method.getAnnotation(Transactional.class).value() != Transactional.TxType.REQUIRES_NEW
                    && !OPEN.get().isEmpty();
            return joins ? body.call() : inNewTransaction(body);
        }
    }
}
