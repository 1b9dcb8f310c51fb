-- For a database in SQL_ASCII: bytes that are no valid UTF-8, which any conversion would refuse or change.
SET client_encoding = 'SQL_ASCII';
CREATE TABLE raw (id int PRIMARY KEY, t text);
INSERT INTO raw SELECT i, convert_from(decode(lpad(to_hex(i), 2, '0'), 'hex'), 'SQL_ASCII') FROM generate_series(1, 255) AS i;
INSERT INTO raw VALUES (300, convert_from('\xc3', 'SQL_ASCII')), (301, convert_from('\xeda080', 'SQL_ASCII')), (302, 'valid ü');
