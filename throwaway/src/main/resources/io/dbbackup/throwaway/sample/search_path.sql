-- Functions that find tables by the database's own search_path, used in an expression index, a CHECK, a generated column's
-- neighbour and a materialized view. pg_restore alone restores the table with the CHECK with no rows at all.
CREATE SCHEMA app;
SELECT format('ALTER DATABASE %I SET search_path = app, public', current_database()) \gexec
SET search_path = app, public;
CREATE TABLE rates (code text PRIMARY KEY, rate numeric NOT NULL);
INSERT INTO rates VALUES ('a', 1.5), ('b', 2.5), ('c', 0.5);
CREATE FUNCTION rate_of(text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN (SELECT rate FROM rates WHERE code = $1); END $$;
-- From 17 on, whatever builds indexes and materialized views has a search_path of its own.
SELECT current_setting('server_version_num')::int >= 170000 AS v17 \gset
\if :v17
ALTER FUNCTION rate_of SET search_path = app;
\endif
CREATE FUNCTION is_known(text) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM rates WHERE code = $1)';
CREATE TABLE bookings (id int PRIMARY KEY, code text NOT NULL, amount numeric, CONSTRAINT known CHECK (is_known(code)));
INSERT INTO bookings SELECT i, chr(97 + i % 3), i FROM generate_series(1, 200) AS i;
CREATE INDEX bookings_by_rate ON bookings (rate_of(code));
CREATE MATERIALIZED VIEW rated AS SELECT id, amount * rate_of(code) AS value FROM bookings;
