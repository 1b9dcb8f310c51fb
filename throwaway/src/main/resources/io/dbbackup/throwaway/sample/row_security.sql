-- Row level security, forced for the owner too: a dump that respected it would hold no rows and report no error.
CREATE TABLE tenants (tenant text, v int);
ALTER TABLE tenants OWNER TO sample_owner;
INSERT INTO tenants SELECT 'tenant ' || i % 5, i FROM generate_series(1, 100) AS i;
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON tenants FOR ALL TO sample_reader USING (tenant = current_user) WITH CHECK (tenant = current_user);
CREATE POLICY nobody ON tenants AS RESTRICTIVE USING (false);
GRANT SELECT ON tenants TO sample_reader;
