-- Triggers and rules that would change or refuse rows if they fired during a restore.
CREATE TABLE audited (id int PRIMARY KEY, v text, changed timestamptz);
CREATE TABLE audit (what text);
INSERT INTO audited SELECT i, 'v' || i, '2024-02-29 12:00:00+00' FROM generate_series(1, 20) AS i;
INSERT INTO audit VALUES ('the only line');
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := now();
    INSERT INTO public.audit VALUES (TG_OP || ' ' || NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON audited FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'this table is closed'; END $$;
CREATE TABLE closed (id int);
INSERT INTO closed VALUES (1), (2);
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON closed EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse_replicated BEFORE INSERT ON closed FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE closed ENABLE ALWAYS TRIGGER refuse_replicated;
CREATE TRIGGER disabled AFTER DELETE ON audited FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE audited DISABLE TRIGGER disabled;
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON audited DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.v IS DISTINCT FROM NEW.v)
    EXECUTE FUNCTION stamp();
CREATE TABLE ruled (id int);
INSERT INTO ruled VALUES (1), (2), (3);
CREATE RULE also_audit AS ON INSERT TO ruled DO ALSO INSERT INTO audit VALUES ('rule ' || NEW.id);
CREATE RULE no_delete AS ON DELETE TO ruled DO INSTEAD NOTHING;
