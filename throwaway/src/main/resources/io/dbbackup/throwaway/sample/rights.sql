-- Owners, rights down to columns, grants by others than the owner, default privileges, comments, views, settings.
CREATE SCHEMA accounts AUTHORIZATION sample_owner;
GRANT USAGE ON SCHEMA accounts TO sample_reader, "Ünïcode röle -x=y";
CREATE TABLE accounts.ledger (id int PRIMARY KEY, amount numeric, secret text);
ALTER TABLE accounts.ledger OWNER TO sample_owner;
INSERT INTO accounts.ledger SELECT i, i * 1.5, md5(i::text) FROM generate_series(1, 40) AS i;
GRANT SELECT (id, amount), UPDATE (amount) ON accounts.ledger TO sample_reader;
GRANT ALL ON accounts.ledger TO sample_writer WITH GRANT OPTION;
SET ROLE sample_writer;
GRANT SELECT ON accounts.ledger TO "Ünïcode röle -x=y";
RESET ROLE;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sample_reader;
CREATE VIEW accounts.positive WITH (security_barrier) AS SELECT id, amount FROM accounts.ledger WHERE amount > 10 WITH LOCAL CHECK OPTION;
ALTER VIEW accounts.positive OWNER TO sample_owner;
CREATE RECURSIVE VIEW accounts.countdown (n) AS VALUES (5) UNION ALL SELECT n - 1 FROM countdown WHERE n > 0;
CREATE FUNCTION accounts.total() RETURNS numeric LANGUAGE sql SECURITY DEFINER SET search_path = accounts AS 'SELECT sum(amount) FROM ledger';
REVOKE EXECUTE ON FUNCTION accounts.total() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts.total() TO sample_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE sample_owner IN SCHEMA accounts GRANT SELECT ON TABLES TO sample_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE sample_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
COMMENT ON TABLE accounts.ledger IS E'two\nlines; -- and "quotes", ''apostrophes'' and \\';
COMMENT ON COLUMN accounts.ledger.secret IS '\.';
COMMENT ON SCHEMA accounts IS 'not the standard one';
SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), 'a database''s comment') \gexec
SELECT format('ALTER DATABASE %I SET work_mem = %L', current_database(), '5MB') \gexec
SELECT format('ALTER DATABASE %I CONNECTION LIMIT 33', current_database()) \gexec
SELECT format('ALTER ROLE sample_login IN DATABASE %I SET lock_timeout = %L', current_database(), '17s') \gexec
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO sample_reader', current_database()) \gexec
