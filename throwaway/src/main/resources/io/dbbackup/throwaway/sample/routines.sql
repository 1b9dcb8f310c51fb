-- Routines and what is built from them: procedure, aggregate, operator, cast, collation, text search configuration.
CREATE PROCEDURE nothing(INOUT a int DEFAULT 1) LANGUAGE plpgsql AS $body$ BEGIN a := a + 1; END $body$;
CREATE FUNCTION add_up(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'SELECT $1 + $2';
CREATE AGGREGATE total(int) (SFUNC = add_up, STYPE = int, INITCOND = '0');
CREATE OPERATOR <+> (LEFTARG = int, RIGHTARG = int, FUNCTION = add_up, COMMUTATOR = <+>);
CREATE FUNCTION as_text(point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1[0])::int';
CREATE CAST (point AS int) WITH FUNCTION as_text(point) AS ASSIGNMENT;
CREATE COLLATION plain FROM "C";
CREATE TABLE collated (t text COLLATE plain);
INSERT INTO collated VALUES ('b'), ('A'), ('ä');
CREATE INDEX ON collated (t COLLATE "POSIX");
CREATE TEXT SEARCH CONFIGURATION mine (COPY = simple);
CREATE TABLE searched (t text, v tsvector GENERATED ALWAYS AS (to_tsvector('mine', t)) STORED);
INSERT INTO searched VALUES ('the quick brown fox');
CREATE INDEX ON searched USING gin (v);
CREATE FUNCTION quoting() RETURNS text LANGUAGE sql AS $$ SELECT 'a''b' || E'\n;' || $q$ $x$ $q$ $$;
