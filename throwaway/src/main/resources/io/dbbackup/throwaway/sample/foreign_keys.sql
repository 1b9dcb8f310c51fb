-- Foreign keys: a cycle, one to itself, deferred, several columns, not validated, ON DELETE actions.
CREATE TABLE departments (id int PRIMARY KEY, head int);
CREATE TABLE employees (id int PRIMARY KEY, department int NOT NULL REFERENCES departments DEFERRABLE INITIALLY DEFERRED,
    manager int REFERENCES employees ON DELETE SET NULL);
ALTER TABLE departments ADD FOREIGN KEY (head) REFERENCES employees DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO departments SELECT i, i * 10 FROM generate_series(1, 9) AS i;
INSERT INTO employees SELECT i, 1 + i % 9, CASE WHEN i < 99 THEN i + 1 END FROM generate_series(99, 1, -1) AS i;
COMMIT;
CREATE TABLE pairs (a int, b int, UNIQUE (b, a));
CREATE TABLE uses_pairs (x int, y int, FOREIGN KEY (x, y) REFERENCES pairs (b, a) MATCH FULL ON UPDATE CASCADE);
INSERT INTO pairs SELECT i, i * 2 FROM generate_series(1, 30) AS i;
INSERT INTO uses_pairs SELECT b, a FROM pairs WHERE a % 2 = 0;
INSERT INTO uses_pairs VALUES (NULL, NULL);
CREATE TABLE broken_reference (department int);
INSERT INTO broken_reference VALUES (1), (4711);
ALTER TABLE broken_reference ADD FOREIGN KEY (department) REFERENCES departments NOT VALID;
ALTER TABLE broken_reference ADD CONSTRAINT even CHECK (department % 2 = 0) NOT VALID;
