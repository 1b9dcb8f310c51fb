-- Cluster-wide: roles with memberships, settings, passwords, limits. The other scripts use sample_owner, sample_reader and
-- sample_writer.
CREATE ROLE sample_owner;
CREATE ROLE sample_reader;
CREATE ROLE sample_writer IN ROLE sample_reader;
CREATE ROLE sample_login LOGIN PASSWORD 'sample login''s "password" \ 1' CONNECTION LIMIT 7 VALID UNTIL '2099-12-31 23:59:59+00';
CREATE ROLE "Ünïcode röle -x=y" LOGIN NOINHERIT;
CREATE ROLE sample_admin CREATEDB CREATEROLE;
GRANT sample_writer TO sample_login;
GRANT sample_reader TO "Ünïcode röle -x=y" WITH ADMIN OPTION;
GRANT pg_read_all_stats TO sample_admin;
ALTER ROLE sample_login SET work_mem = '6MB';
ALTER ROLE sample_login SET search_path = "$user", public, "odd schema";
ALTER ROLE sample_login SET statement_timeout = '1h';
COMMENT ON ROLE sample_owner IS 'owns the sample''s objects';
