-- User-defined types: domains with checks (one calls a function), enums, composites, arrays of them, ranges.
CREATE FUNCTION is_even(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
CREATE DOMAIN even AS int CHECK (is_even(VALUE));
CREATE DOMAIN postcode AS text NOT NULL DEFAULT '00000' CHECK (VALUE ~ '^\d{5}$');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "happy"', E'tab\tinside');
ALTER TYPE mood ADD VALUE 'before ok' BEFORE 'ok';
CREATE TYPE address AS (street text, "house no" int, code postcode);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE typed (id int, e even, m mood, ms mood[], a address, as_ address[], r float_range, d daterange, i int4range[], p postcode);
INSERT INTO typed VALUES
    (1, 2, 'sad', ARRAY['sad', E'tab\tinside']::mood[], ROW('High "Street", 1', 1, '12345'), ARRAY[ROW('a,b', NULL, '00001')::address, NULL], '[1.5,2.5)', '[2024-01-01,)', '{"[1,5)",empty}', '12345'),
    (2, NULL, 'it''s "happy"', '{}', ROW('', NULL, '00000'), '{}', 'empty', '(,)', NULL, '99999');
INSERT INTO typed SELECT i, i * 2, 'before ok', ARRAY['ok', NULL]::mood[], ROW('s' || i, i, '54321')::text::address, NULL, float_range(i, i + 1, '[]'), NULL, NULL, '11111'
FROM generate_series(3, 50) AS i;
CREATE TABLE of_type OF address (PRIMARY KEY (street));
INSERT INTO of_type VALUES ('x', 1, '22222');
CREATE TYPE unfinished;
