SET NAMES utf8mb4;
SET SESSION sql_mode = '';
CREATE DATABASE quiet CHARACTER SET latin1;
USE quiet;
CREATE TABLE t (id int PRIMARY KEY, v varchar(40)) CHARACTER SET utf8mb4;
CREATE TABLE slow (id int PRIMARY KEY, v varchar(40)) ENGINE = MyISAM;
CREATE TABLE log (n int NOT NULL AUTO_INCREMENT PRIMARY KEY, id int, v varchar(60)) CHARACTER SET utf8mb4;
INSERT INTO t SELECT n, concat('row ', n) FROM part.numbers;
INSERT INTO slow SELECT n, concat('row ', n) FROM part.numbers;
INSERT INTO log (id, v) SELECT id, v FROM t WHERE id % 10 = 0;
DELIMITER $$
CREATE TRIGGER d BEFORE INSERT ON t FOR EACH ROW SET NEW.v = concat(NEW.v, 'd')$$
SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'$$
CREATE TRIGGER quiet."b ü" BEFORE INSERT ON quiet.t FOR EACH ROW
  SET NEW."v" = concat(NEW.v, '\ ü€')$$
CREATE DEFINER='ghost'@'%' TRIGGER a BEFORE INSERT ON t FOR EACH ROW PRECEDES d SET NEW.v = concat(NEW.v, 'a')$$
CREATE TRIGGER c AFTER INSERT ON slow FOR EACH ROW INSERT INTO log (id, v) VALUES (NEW.id, 'by trigger')$$
SET SESSION sql_mode = 'STRICT_TRANS_TABLES', character_set_client = latin1, collation_connection = latin1_german2_ci$$
CREATE TRIGGER e AFTER INSERT ON t FOR EACH ROW BEGIN INSERT INTO log (id, v) VALUES (NEW.id, 'ä`"'); END$$
SET SESSION character_set_client = gbk$$
CREATE TRIGGER f AFTER INSERT ON t FOR EACH ROW FOLLOWS e BEGIN INSERT INTO log (id, v) VALUES (NEW.id, 'äö'); END$$
SET NAMES utf8mb4$$
CREATE TRIGGER stays BEFORE UPDATE ON t FOR EACH ROW SET NEW.v = concat(NEW.v, 'u')$$
DELIMITER ;
