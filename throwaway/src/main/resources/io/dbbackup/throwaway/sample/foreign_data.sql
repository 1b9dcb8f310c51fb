-- Foreign data: definitions only. The servers do not exist, so whoever reads a foreign table's rows fails.
SELECT count(*) FILTER (WHERE name = 'postgres_fdw') = 1 AS postgres_fdw, count(*) FILTER (WHERE name = 'file_fdw') = 1 AS file_fdw
FROM pg_available_extensions \gset
CREATE FOREIGN DATA WRAPPER without_handler OPTIONS (debug 'true');
CREATE SERVER plain TYPE 'none' VERSION '1' FOREIGN DATA WRAPPER without_handler;
\if :postgres_fdw
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'a=b');
CREATE USER MAPPING FOR sample_login SERVER elsewhere OPTIONS (user 'u', password 'it''s secret');
CREATE FOREIGN TABLE remote (id int OPTIONS (column_name 'ID'), v text) SERVER elsewhere OPTIONS (schema_name 's', table_name 't');
GRANT USAGE ON FOREIGN SERVER elsewhere TO sample_reader;
GRANT SELECT ON remote TO sample_reader;
\endif
\if :file_fdw
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE a_file (line text) SERVER files OPTIONS (filename '/does/not/exist', format 'text');
\endif
