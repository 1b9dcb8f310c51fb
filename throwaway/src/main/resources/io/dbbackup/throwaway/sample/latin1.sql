-- For a database in LATIN1: every character the encoding has, also in names.
CREATE TABLE "ärger" ("größe" int, t text);
INSERT INTO "ärger" SELECT i, chr(i) || ' is ' || i FROM generate_series(1, 255) AS i WHERE i NOT BETWEEN 128 AND 159;
COMMENT ON TABLE "ärger" IS 'ÄÖÜ ß ÿ';
