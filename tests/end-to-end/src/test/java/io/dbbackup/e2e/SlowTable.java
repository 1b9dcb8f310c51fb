package io.dbbackup.e2e;

import io.dbbackup.throwaway.PostgresInstance;

/**
 * A table whose rows can be made to come in slowly on one server, so that a restore stands in the middle of a COPY for as
 * long as a test needs it to. A generated column does it: its function sleeps when a setting of the login role says so.
 * (The check of a domain would not: the restore adds those after the data.)
 */
final class SlowTable {

    static final String DATABASE = "slow";

    private static final String LOADING =
            "query ILIKE 'COPY%slow_rows%FROM%' AND state = 'active' AND pid <> pg_backend_pid()";

    private SlowTable() {}

    static void on(PostgresInstance source) {
        source.psql("postgres", "CREATE DATABASE " + DATABASE);
        source.psql(DATABASE, """
                CREATE FUNCTION public.slowly(value int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    IF pg_catalog.current_setting('e2e.slow', true) = 'on' THEN
                        PERFORM pg_catalog.pg_sleep(0.1);
                    END IF;
                    RETURN value;
                END $$;
                CREATE TABLE public.slow_rows (id int, twin int GENERATED ALWAYS AS (public.slowly(id)) STORED);
                INSERT INTO public.slow_rows SELECT generate_series(1, 3000);
                """);
    }

    /** Makes each row take a tenth of a second from now on, in new sessions: five minutes for the table. */
    static void slow(PostgresInstance target) {
        target.psql("postgres", "ALTER ROLE postgres SET e2e.slow = 'on'");
    }

    static void fast(PostgresInstance target) {
        target.psql("postgres", "ALTER ROLE postgres RESET e2e.slow");
    }

    /** True while a session loads the table. */
    static boolean loading(PostgresInstance target) {
        return !target.psql("postgres", "SELECT pid FROM pg_stat_activity WHERE " + LOADING).isBlank();
    }

    /** Ends the sessions that load the table. */
    static void terminate(PostgresInstance target) {
        target.psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + LOADING);
    }
}
