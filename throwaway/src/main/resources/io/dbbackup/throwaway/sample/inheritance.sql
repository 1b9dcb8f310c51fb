-- Plain inheritance: rows in the parent itself, a child with another column, a child of two parents.
CREATE TABLE vehicles (id int PRIMARY KEY, name text DEFAULT 'unnamed', CHECK (id > 0));
CREATE TABLE lorries (load_kg int) INHERITS (vehicles);
CREATE TABLE insured (policy text);
CREATE TABLE insured_lorries (since date) INHERITS (lorries, insured);
INSERT INTO vehicles SELECT i, 'vehicle ' || i FROM generate_series(1, 50) AS i;
INSERT INTO lorries SELECT i, 'lorry ' || i, i * 100 FROM generate_series(51, 80) AS i;
INSERT INTO insured_lorries SELECT i, 'insured ' || i, i * 100, 'P' || i, date '2020-02-29' FROM generate_series(81, 90) AS i;
ALTER TABLE lorries ALTER COLUMN name SET DEFAULT 'a lorry';
