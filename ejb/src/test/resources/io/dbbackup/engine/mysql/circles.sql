-- a circle of three tables, whose keys are a text, a pair and bytes; one of them refers to itself, too; visit leads to it, it leads to city;
-- a table without a primary key is part of another circle
SET SESSION foreign_key_checks = 0;
CREATE DATABASE ring;
USE ring;
CREATE TABLE city (id bigint PRIMARY KEY, name varchar(20));
CREATE TABLE team (
  name varchar(30) COLLATE utf8mb4_unicode_ci PRIMARY KEY, lead_land char(2), lead_n int,
  CONSTRAINT team_lead FOREIGN KEY (lead_land, lead_n) REFERENCES person (land, n)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE person (
  land char(2), n int, badge varbinary(20), boss_land char(2), boss_n int, PRIMARY KEY (land, n),
  CONSTRAINT person_badge FOREIGN KEY (badge) REFERENCES badge (id),
  CONSTRAINT person_boss FOREIGN KEY (boss_land, boss_n) REFERENCES person (land, n)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE badge (
  id varbinary(20) PRIMARY KEY, team varchar(30), city bigint,
  CONSTRAINT badge_team FOREIGN KEY (team) REFERENCES team (name),
  CONSTRAINT badge_city FOREIGN KEY (city) REFERENCES city (id)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE visit (
  id int PRIMARY KEY, team varchar(30), CONSTRAINT visit_team FOREIGN KEY (team) REFERENCES team (name)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE token (code int, holder int, UNIQUE KEY (code), CONSTRAINT token_holder FOREIGN KEY (holder) REFERENCES holder (id));
CREATE TABLE holder (id int PRIMARY KEY, token int, CONSTRAINT token_of FOREIGN KEY (token) REFERENCES token (code));

CREATE TABLE n (n int PRIMARY KEY);
INSERT INTO n WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000) SELECT n FROM r;
INSERT INTO city SELECT n, concat('city ', n) FROM n;
-- ways end often enough that not all rows are found
INSERT INTO team SELECT concat('Team ', n), if(n % 10 = 0, NULL, elt(1 + n % 2, 'de', 'FR')), n * 3 % 1000 + 1 FROM n;
INSERT INTO person SELECT elt(k.n, 'de', 'fr'), n.n, if(n.n % 5 = 0, NULL, concat(unhex('ff00'), n.n * 7 % 1000 + 1)),
    if(n.n % 3 = 0, 'de', NULL), n.n * 11 % 1000 + 1 FROM n JOIN n k ON k.n <= 2;
UPDATE team SET lead_n = NULL WHERE lead_land IS NULL;
UPDATE person SET boss_n = NULL WHERE boss_land IS NULL;
INSERT INTO badge SELECT concat(unhex('ff00'), n), if(n % 4 = 0, NULL, concat('TEAM ', n * 13 % 1000 + 1)), n FROM n;
INSERT INTO visit SELECT n, concat('team ', n) FROM n WHERE n <= 50;
INSERT INTO token SELECT n, n FROM n WHERE n <= 100;
INSERT INTO holder SELECT n, n FROM n WHERE n <= 100;
ANALYZE TABLE city, team, person, badge, visit, token, holder;
DROP TABLE n;
