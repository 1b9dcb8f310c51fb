SET NAMES utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0;
CREATE DATABASE helper;
CREATE TABLE helper.n (seq int PRIMARY KEY);
SET SESSION cte_max_recursion_depth = 100000;
INSERT INTO helper.n WITH RECURSIVE s (seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM s WHERE seq < 20000) SELECT seq FROM s;
CREATE DATABASE edge CHARACTER SET latin1 COLLATE latin1_german1_ci;
USE edge;

CREATE TABLE places (id int PRIMARY KEY, p point NOT NULL, g geometry, j json, d int AS (id * 2) VIRTUAL, SPATIAL KEY where_it_is (p));
INSERT INTO places (id, p, g, j) VALUES
  (1, ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))', 4326), '{"ä": [1, null, "tab\\there"]}'),
  (2, ST_GeomFromText('POINT(-0.5 1e300)'), NULL, NULL);

CREATE TABLE my (
  id int PRIMARY KEY, p point NOT NULL SRID 4326, doc json NOT NULL, name varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs,
  price int GENERATED ALWAYS AS (doc ->> '$.price') STORED, KEY by_name (name DESC) INVISIBLE, KEY by_price (price)
);
INSERT INTO my (id, p, doc, name) VALUES
  (1, ST_GeomFromText('POINT(48.1 11.5)', 4326), '{"price": 7, "half": 0.5, "far": 1e300, "deep": [[[{}]]], "text": "\\"\\\\ 😀 \\u2028"}', 'Ä'),
  (2, ST_GeomFromText('POINT(-90 180)', 4326), 'null', 'ä');
CREATE TABLE zeros (id int PRIMARY KEY, f float, g double);
INSERT INTO zeros VALUES (1, -0e0, -0e0), (2, 0, 0);
CREATE TABLE docs (id int PRIMARY KEY, j json);
INSERT INTO docs VALUES (1, '{"ä": "tab\\there, line\\n, back\\\\slash"}'), (2, NULL), (3, 'null'), (4, '-0.0'), (5, '9223372036854775808');
