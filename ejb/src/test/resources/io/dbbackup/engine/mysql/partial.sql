SET NAMES utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', foreign_key_checks = 0;
CREATE DATABASE part;
CREATE DATABASE beside;
USE part;

CREATE TABLE country (code char(2) PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE customer (
  id int NOT NULL AUTO_INCREMENT, country char(2), recommended_by int, name varchar(40) NOT NULL,
  PRIMARY KEY (id), UNIQUE KEY by_name (name), KEY by_country (country),
  CONSTRAINT customer_country FOREIGN KEY (country) REFERENCES country (code),
  CONSTRAINT recommended FOREIGN KEY (recommended_by) REFERENCES customer (id)
) AUTO_INCREMENT = 5000;
CREATE TABLE place (land char(2), town varchar(20), seats int, PRIMARY KEY (land, town));
CREATE TABLE orders (
  id bigint NOT NULL, customer int NOT NULL, land char(2), town varchar(20), PRIMARY KEY (id), KEY by_place (land, town),
  CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE,
  CONSTRAINT orders_place FOREIGN KEY (land, town) REFERENCES place (land, town)
);
CREATE TABLE line (
  orders bigint NOT NULL, n int NOT NULL, v varchar(20), PRIMARY KEY (orders, n),
  CONSTRAINT line_orders FOREIGN KEY (orders) REFERENCES orders (id)
);
CREATE TABLE log (orders bigint, text varchar(60), KEY (orders),
  CONSTRAINT log_orders FOREIGN KEY (orders) REFERENCES orders (id));
CREATE TABLE hen (id int PRIMARY KEY, egg int, CONSTRAINT hen_egg FOREIGN KEY (egg) REFERENCES egg (id));
CREATE TABLE egg (id int PRIMARY KEY, hen int, CONSTRAINT egg_hen FOREIGN KEY (hen) REFERENCES hen (id));
CREATE TABLE `audit``x` (id int PRIMARY KEY, what text);

CREATE TABLE numbers (n int PRIMARY KEY);
INSERT INTO numbers WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000) SELECT n FROM r;
INSERT INTO country SELECT hex(n), concat('country ', n) FROM numbers WHERE n BETWEEN 16 AND 255;
INSERT INTO customer (id, country, recommended_by, name)
  SELECT n, hex(16 + n % 240), if(n % 5 = 0, NULL, n * 7 % 1000 + 1), concat('customer ', n) FROM numbers;
INSERT INTO place SELECT hex(16 + n % 16), concat('town ', n), n FROM numbers WHERE n <= 300;
INSERT INTO orders SELECT a.n + 1000 * (b.n - 1), a.n, if(a.n > 300, NULL, hex(16 + a.n % 16)), if(a.n > 300, NULL, concat('town ', a.n))
  FROM numbers a JOIN numbers b ON b.n <= 3;
INSERT INTO line SELECT orders.id, n, concat('line ', n) FROM orders JOIN numbers ON n <= 2;
INSERT INTO log SELECT id, concat('order ', id) FROM orders WHERE id % 3 = 0;
INSERT INTO hen SELECT n, n FROM numbers WHERE n <= 100;
INSERT INTO egg SELECT n, n % 100 + 1 FROM numbers WHERE n <= 100;
INSERT INTO `audit``x` SELECT n, repeat('x', n) FROM numbers WHERE n <= 50;
ANALYZE TABLE country, customer, place, orders, line, log, hen, egg;

CREATE TABLE beside.part_of (orders bigint PRIMARY KEY, CONSTRAINT far FOREIGN KEY (orders) REFERENCES part.orders (id));
INSERT INTO beside.part_of VALUES (1), (2);

CREATE VIEW sold AS SELECT o.id, l.v FROM orders o JOIN line l ON l.orders = o.id;
CREATE VIEW sold_twice AS SELECT id FROM sold WHERE id > 10;
CREATE VIEW towns AS SELECT town FROM place;
DELIMITER $$
CREATE FUNCTION seats (which varchar(20)) RETURNS int READS SQL DATA RETURN (SELECT sum(p.seats) FROM place p WHERE p.town = which)$$
CREATE TRIGGER written AFTER INSERT ON orders FOR EACH ROW BEGIN INSERT INTO log VALUES (new.id, 'by trigger'); END$$
CREATE TRIGGER gone AFTER UPDATE ON line FOR EACH ROW BEGIN SET @gone = 1; END$$
DELIMITER ;
