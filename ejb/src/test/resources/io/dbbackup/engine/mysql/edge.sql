-- Needs the databases edge and helper with the table helper.n of the numbers from 0 to 20000.
SET NAMES utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0;
USE edge;

CREATE TABLE nums (
  id int unsigned NOT NULL AUTO_INCREMENT,
  t tinyint, s smallint unsigned, m mediumint, b bigint, ub bigint unsigned, z int(8) unsigned zerofill,
  d decimal(65,30), f float, g double, bit1 bit(1), bit64 bit(64), y year,
  twice bigint GENERATED ALWAYS AS (b * 2) VIRTUAL,
  thrice bigint GENERATED ALWAYS AS (m * 3) STORED,
  PRIMARY KEY (id), KEY by_f (f), KEY by_twice (twice)
) DEFAULT CHARSET = utf8mb4;
INSERT INTO nums (id, t, s, m, b, ub, z, d, f, g, bit1, bit64, y) VALUES
  (0, -128, 65535, -8388608, -9223372036854775808 / 2, 18446744073709551615, 7, -12345678901234567890123456789012345.123456789012345678901234567891, 16777216, 1.7976931348623157e308, b'1', b'1000000000001010000010010000000001011100000011010010011100000000', 2155),
  (1, 127, 0, 8388607, 4611686018427387903, 0, 0, 0.000000000000000000000000000001, 0.1, 5e-324, b'0', 0, 1901),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4294967295, 0, 1, 0, 0, 1, 99999999, 1, -3.4028235e38, -0.0, b'1', 0x0a095c00, 0),
  (3, 0, 1, 0, 0, 1, 1, 1, 1.17549435e-38, 0.1, b'1', 10, 2000);

CREATE TABLE bytes (
  id int PRIMARY KEY, bin varbinary(600), fix binary(8), blo longblob, txt longtext CHARACTER SET utf8mb4,
  u16 varchar(50) CHARACTER SET utf16, u32 varchar(50) CHARACTER SET utf32, ucs varchar(50) CHARACTER SET ucs2,
  gbk varchar(50) CHARACTER SET gbk, sj varchar(50) CHARACTER SET sjis, cp varchar(50) CHARACTER SET cp1251,
  lat varchar(50) CHARACTER SET latin1, e enum('a','ä','c\'d','tab\there') CHARACTER SET utf8mb4,
  st set('x','y','zz') CHARACTER SET utf8mb4, j json, UNIQUE KEY by_txt (txt(20)), FULLTEXT KEY words (txt)
) DEFAULT CHARSET = utf8mb4;
INSERT INTO bytes
SELECT 1, (SELECT group_concat(unhex(lpad(hex(seq), 2, '0')) ORDER BY seq SEPARATOR '') FROM helper.n WHERE seq < 256), 0x41,
       (SELECT group_concat(unhex(lpad(hex(255 - seq), 2, '0')) ORDER BY seq SEPARATOR '') FROM helper.n WHERE seq < 256),
       'tab\there, line\nfeed, back\\slash, \\N, cr\r, nul\0, 😀', 'ä𝄞\\\n', 'ä𝄞\\\n', 'äß\\\n', _gbk 0x815c, _sjis 0x835c,
       _cp1251 0xe0e1ff5c, _latin1 0x80e45cff, 'tab\there', 'x,y', '{"a": "\\u0000\\n", "n": 18446744073709551615}';
INSERT INTO bytes VALUES (2, '', '', '', '', '', '', '', '', '', '', '', 'a', '', '[]'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, '\\N', '\\N', '\\.', '\\N', '\\N', '\\N', '\\N', '\\N', '\\N', '\\N', '\\N', 'ä', 'zz', '"x"'),
  (5, NULL, NULL, repeat('x\n', 2200000), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE times (
  id int PRIMARY KEY, d date, dt datetime(6), ts timestamp(6) NULL, tm time(6), z datetime, def timestamp NOT NULL DEFAULT current_timestamp()
);
INSERT INTO times VALUES
  (1, '0000-00-00', '0000-00-00', '1970-01-01 00:00:01', '-838:59:59.999999', '2020-02-00', '2038-01-19 03:14:07'),
  (2, '2020-02-31', '9999-12-31 23:59:59.999999', '2021-10-31 01:30:00.123456', '838:59:59', '0001-01-01', '2001-01-01'),
  (3, NULL, NULL, NULL, NULL, NULL, '2021-10-31 00:30:00');

CREATE TABLE `we``ird "tab,le/name\n` (`co``l (1),` int, `KEY x` varchar(20) DEFAULT 'a,\n  KEY `z` (b)' COMMENT ',\n)', KEY `(k)` (`KEY x`), UNIQUE KEY `u` (`co``l (1),`));
INSERT INTO `we``ird "tab,le/name\n` VALUES (1, 'x'), (2, DEFAULT), (NULL, NULL);

-- 0 is the number of what is no member of an ENUM, shown as ''
CREATE TABLE enums (
  id int PRIMARY KEY, e enum('a', 'b'), blank enum('', 'a'), zero enum('1', '0'), zeros enum('0', '00', '3', '2', '1', '7', '0000''0'),
  accents enum('ä', 'é') CHARACTER SET latin1, wide enum('a', '0') CHARACTER SET utf16, must enum('x') NOT NULL, KEY (e)
);
INSERT INTO enums VALUES (1, 'a', '', '0', '00', 'ä', '0', 'x'), (2, NULL, NULL, NULL, NULL, NULL, NULL, 'x'), (3, 2, 2, 2, 7, 2, 2, 1),
  (4, 1, 1, 1, 1, 1, 1, 1);
INSERT IGNORE INTO enums VALUES (5, 0, 0, 0, 0, 0, 'a', 0), (6, '', '', 'no', 'no', 'no', NULL, '');

CREATE TABLE one (v varchar(5));
INSERT INTO one VALUES (''), (NULL), (''), ('\n');
CREATE TABLE nothing (id int PRIMARY KEY);
CREATE TABLE counter (grp int, n int NOT NULL AUTO_INCREMENT, PRIMARY KEY (grp, n), KEY (n), KEY other (grp)) AUTO_INCREMENT = 77;
INSERT INTO counter VALUES (1, 1), (1, 2), (2, 76);
CREATE TABLE old (id int, v varchar(10), KEY (id)) ENGINE = MyISAM;
INSERT INTO old VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE parted (id int, at date, v int, PRIMARY KEY (id, at), KEY (v)) PARTITION BY RANGE (year(at)) (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parted SELECT seq, '1995-01-01' + INTERVAL seq MONTH, seq % 7 FROM helper.n WHERE seq BETWEEN 1 AND 200;

CREATE TABLE hen (id int PRIMARY KEY, egg int, CONSTRAINT hen_egg FOREIGN KEY (egg) REFERENCES egg (id) ON DELETE SET NULL);
CREATE TABLE egg (id int PRIMARY KEY, hen int, CONSTRAINT egg_hen FOREIGN KEY (hen) REFERENCES hen (id), CONSTRAINT positive CHECK (id > 0));
INSERT INTO hen VALUES (1, 1), (2, NULL);
INSERT INTO egg VALUES (1, 1), (2, 2);

CREATE TABLE big (id bigint PRIMARY KEY, v char(100), w varchar(40) CHARACTER SET utf8mb4, KEY by_w (w));
INSERT INTO big SELECT seq, sha2(seq, 256), concat('wörd ', seq) FROM helper.n WHERE seq BETWEEN 1 AND 6000;
INSERT INTO big SELECT 4000000000000000000 + seq, sha2(seq, 256), seq FROM helper.n WHERE seq BETWEEN 1 AND 2000;
CREATE TABLE by_word (word varchar(30) CHARACTER SET latin1 COLLATE latin1_german2_ci, n int, v char(200), PRIMARY KEY (word, n));
INSERT INTO by_word SELECT concat(elt(seq % 4 + 1, 'ÄPFEL', 'aepfel', 'o''brien', 'Zü'), ' ', seq DIV 8), seq, sha2(seq, 512) FROM helper.n WHERE seq BETWEEN 1 AND 3000;
CREATE TABLE by_bytes (hash binary(32) PRIMARY KEY, v char(200));
INSERT INTO by_bytes SELECT unhex(sha2(seq, 256)), sha2(seq, 512) FROM helper.n WHERE seq BETWEEN 1 AND 3000;
CREATE TABLE by_day (day date, n int, v char(200), PRIMARY KEY (day, n));
INSERT INTO by_day SELECT '2020-01-01' + INTERVAL (seq DIV 10) DAY, seq, sha2(seq, 512) FROM helper.n WHERE seq BETWEEN 1 AND 3000;
ANALYZE TABLE big, by_word, by_bytes, by_day;

CREATE TABLE log (id int PRIMARY KEY AUTO_INCREMENT, what varchar(40));
DELIMITER $$
CREATE TRIGGER first_of_two AFTER INSERT ON one FOR EACH ROW INSERT INTO log (what) VALUES ('first')$$
CREATE TRIGGER second_of_two AFTER INSERT ON one FOR EACH ROW INSERT INTO log (what) VALUES ('second')$$
SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'$$
CREATE FUNCTION "quo""ted"(a int) RETURNS varchar(20) CHARSET latin1 DETERMINISTIC BEGIN RETURN concat('\', "a"); END$$
SET SESSION sql_mode = ''$$
CREATE DEFINER = nobody@nowhere PROCEDURE talk(IN x int) BEGIN SELECT 'ä', x, '$$' AS dollars; SELECT 2; END$$
SET SESSION sql_mode = '', time_zone = 'SYSTEM'$$
CREATE EVENT daily ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO INSERT INTO log (what) VALUES ('event')$$
DELIMITER ;
CREATE VIEW z_last AS SELECT id, v FROM big WHERE id < 5;
CREATE VIEW a_first AS SELECT id, v FROM z_last;
CREATE TABLE gone (id int);
CREATE VIEW broken AS SELECT id FROM gone;
DROP TABLE gone;
