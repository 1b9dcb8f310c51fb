-- An event trigger that refuses every DDL command: whatever a restore does in this database must be done before it exists.
CREATE TABLE frozen (id int PRIMARY KEY, v text);
INSERT INTO frozen SELECT i, 'frozen ' || i FROM generate_series(1, 100) AS i;
CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no DDL here: %', tg_tag; END $$;
CREATE EVENT TRIGGER no_ddl ON ddl_command_start EXECUTE FUNCTION no_ddl();
