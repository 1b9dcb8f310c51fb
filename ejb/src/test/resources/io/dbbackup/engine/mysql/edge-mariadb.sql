SET NAMES utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0;
CREATE DATABASE helper;
CREATE TABLE helper.n (seq int PRIMARY KEY);
INSERT INTO helper.n SELECT seq FROM seq_0_to_20000;
CREATE DATABASE edge CHARACTER SET latin1 COLLATE latin1_german1_ci COMMENT 'it''s an edge';
USE edge;

CREATE TABLE maria (
  id int PRIMARY KEY, u uuid, i6 inet6, i4 inet4, hidden int INVISIBLE DEFAULT 7, comp text COMPRESSED, p point NOT NULL,
  g geometry, SPATIAL KEY where_it_is (p)
);
INSERT INTO maria (id, u, i6, i4, hidden, comp, p, g) VALUES
  (1, '123e4567-e89b-12d3-a456-426655440000', '2001:db8::ff00:42:8329', '192.0.2.1', 9, repeat('ab', 5000), POINT(1, 2), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))', 4326)),
  (2, NULL, NULL, NULL, NULL, NULL, POINT(-0.0, 1e300), NULL);

CREATE SEQUENCE numbers START WITH 10 INCREMENT BY 5 CACHE 3;
CREATE TABLE counted (id bigint NOT NULL DEFAULT nextval(numbers), v varchar(10), PRIMARY KEY (id));
INSERT INTO counted (v) VALUES ('a'), ('b'), ('c'), ('d');

CREATE TABLE prices (id int PRIMARY KEY, price int) WITH SYSTEM VERSIONING;
INSERT INTO prices VALUES (1, 100), (2, 200);
UPDATE prices SET price = 101 WHERE id = 1;
DELETE FROM prices WHERE id = 2;
INSERT INTO prices VALUES (3, 300);

DELIMITER $$
SET SESSION sql_mode = 'ORACLE'$$
CREATE PACKAGE pack AS FUNCTION f RETURN int; END$$
CREATE PACKAGE BODY pack AS FUNCTION f RETURN int IS BEGIN RETURN 1; END; END$$
DELIMITER ;
