-- Contrib extensions whose types are stored in tables, one of them in a schema of its own; each only where it is installed.
SELECT count(*) FILTER (WHERE name = 'hstore') = 1 AS hstore, count(*) FILTER (WHERE name = 'citext') = 1 AS citext,
       count(*) FILTER (WHERE name = 'pg_trgm') = 1 AS pg_trgm, count(*) FILTER (WHERE name = 'ltree') = 1 AS ltree
FROM pg_available_extensions \gset
\if :hstore
CREATE SCHEMA extra;
CREATE EXTENSION hstore SCHEMA extra;
CREATE TABLE with_hstore (id int, h extra.hstore);
INSERT INTO with_hstore VALUES (1, 'a=>1, "b c"=>NULL'), (2, ''), (3, NULL);
\endif
\if :citext
CREATE EXTENSION citext;
CREATE TABLE with_citext (email citext PRIMARY KEY);
INSERT INTO with_citext VALUES ('A@Example.org'), ('b@example.org');
\endif
\if :pg_trgm
CREATE EXTENSION pg_trgm;
CREATE TABLE with_trgm (t text);
INSERT INTO with_trgm SELECT md5(i::text) FROM generate_series(1, 200) AS i;
CREATE INDEX ON with_trgm USING gin (t gin_trgm_ops);
\endif
\if :ltree
CREATE EXTENSION ltree;
CREATE TABLE with_ltree (path ltree);
INSERT INTO with_ltree VALUES ('a.b.c'), ('a'), ('');
\endif
