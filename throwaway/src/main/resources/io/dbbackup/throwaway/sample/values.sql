-- Values that text formats, encodings and binary formats get wrong.
CREATE TABLE texts (id int PRIMARY KEY, t text, v varchar(20), c char(5), n name, ch "char");
INSERT INTO texts VALUES
    (1, '', '', '', '', ''), (2, NULL, NULL, NULL, NULL, NULL), (3, 'NULL', E'\\N', E'\\.', 'n', 'x'),
    (4, E'tab\there', E'new\nline', E'\r\n', 'n', '"'), (5, E'\\.', E'\\.\n', 'a', 'n', E'\\'),
    (6, E'back\\slash \\n \\t \\\\', E'\b\f\v', ' a ', 'n', ','), (7, E'\u0001\u007f\u0080\u00ff\uffff', 'ü', 'ü', 'ü', NULL),
    (8, E'\U0001F418 e\u0301', '  ', E'\t', 'n', ' '), (9, repeat(E'long\t\\\n', 100000), '', '', '', '');
INSERT INTO texts SELECT 1000 + i, chr(i) || 'after', chr(i), NULL, NULL, NULL FROM generate_series(1, 300) AS i;
CREATE TABLE bytes (id int PRIMARY KEY, b bytea);
INSERT INTO bytes SELECT i, decode(lpad(to_hex(i), 2, '0'), 'hex') FROM generate_series(0, 255) AS i;
INSERT INTO bytes SELECT 300, string_agg(b, ''::bytea ORDER BY id) FROM bytes WHERE id < 256;
INSERT INTO bytes VALUES (301, ''), (302, NULL), (303, '\x5c2e0a'), (304, decode(repeat('00', 100000), 'hex'));
INSERT INTO bytes SELECT 305, string_agg(decode(md5(i::text), 'hex'), ''::bytea ORDER BY i) FROM generate_series(1, 100000) AS i;
CREATE TABLE numbers (id int PRIMARY KEY, f4 float4, f8 float8, n numeric, n2 numeric(30, 10), i2 int2, i8 int8, m money, o oid);
INSERT INTO numbers VALUES
    (1, 'NaN', 'NaN', 'NaN', 'NaN', -32768, -9223372036854775808, '-92233720368547758.08', 4294967295),
    (2, 'Infinity', 'Infinity', 0, 0, 32767, 9223372036854775807, '92233720368547758.07', 0),
    (3, '-Infinity', '-Infinity', -0.0, 1e-10, 0, 0, 0, 1), (4, '-0', '-0', 1e-1000, 0.1, 0, 0, 0, 1),
    (5, 3.4028235e38, 1.7976931348623157e308, 1e1000 + 1, 12345678901234567890.0123456789, 1, 1, 1, 1),
    (6, 1e-45, 5e-324, 0.10, 0.10, 1, 1, 1, 1), (7, 0.1, 0.1, 0.1000, 1, 1, 1, 1, 1), (8, 1.17549435e-38, 0.30000000000000004, 10, 10, 1, 1, 1, 1);
SELECT current_setting('server_version_num')::int >= 140000 AS v14 \gset
\if :v14
INSERT INTO numbers (id, n) VALUES (9, 'Infinity'), (10, '-Infinity');
CREATE TABLE multiranges (m int4multirange, d datemultirange);
INSERT INTO multiranges VALUES ('{[1,3),[5,9)}', '{}'), (NULL, '{(,2020-01-01)}');
\endif
CREATE TABLE times (id int PRIMARY KEY, d date, t time, tz timetz, ts timestamp, tstz timestamptz, i interval, ts0 timestamp(0));
INSERT INTO times VALUES
    (1, 'infinity', '24:00', '23:59:59.999999+15:59', 'infinity', 'infinity', '1 mon -1 day +00:00:00.000001', '2024-06-30 23:59:59'),
    (2, '-infinity', '00:00', '00:00-15:59', '-infinity', '-infinity', '-178000000 years', 'infinity'),
    (3, '4713-01-01 BC', '12:00:00.5', '12:00+00', '0044-03-15 12:00 BC', '0001-01-01 00:00+00', '@ 0', NULL),
    (4, '5874897-12-31', '00:00:00.000001', '12:00:00+05:30', '294276-12-31 23:59:59.999999', '2024-03-31 02:30:00 Europe/Berlin', '1.5 months', NULL),
    (5, '2024-02-29', NULL, NULL, '1999-12-31 23:59:60', '1900-01-01 00:00 America/New_York', 'P1Y2M3DT4H5M6.7S', NULL);
CREATE TABLE others (id int PRIMARY KEY, ip inet, net cidr, mac macaddr, mac8 macaddr8, u uuid, b bit(5), vb varbit, j json, jb jsonb, x xml,
    p point, l line, s lseg, bx box, pa path, po polygon, c circle, tv tsvector, tq tsquery, lsn pg_lsn, rc regclass, jp jsonpath);
INSERT INTO others VALUES (1, '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    B'10101', B'', '{"a": 1,  "a": 2}', '{"z": [1, 1.0, 1e2, null], "\u00e9\t": "\\"}', '<a b="c">&amp;</a>', '(1.5,-0)', '{1,2,3}', '((0,0),(1,1))',
    '((2,2),(1,1))', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),1e-3>', 'a:1A fat:2B,4C', 'fat & (rat | !cat:AB)', '16/B374D848', 'texts', '$.a[*] ? (@ > 1)'),
    (2, '::1', '::/0', NULL, NULL, NULL, NULL, B'1', 'null', 'null', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '0/0', '-', NULL),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '"text with \\ and \n"', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE arrays (id int PRIMARY KEY, i int[], t text[], ii int[][], b bytea[], d timestamptz[]);
INSERT INTO arrays VALUES (1, '{}', '{}', '{{1,2},{3,4}}', ARRAY['\x00'::bytea, '\x5c'], '{infinity,2024-01-01}'),
    (2, '[-1:1]={1,NULL,3}', ARRAY['', NULL, 'NULL', 'a"b', E'c\\d', '{', ',', E'\t', E'\n'], '[0:0][5:6]={{1,2}}', '{}', NULL), (3, NULL, NULL, NULL, NULL, NULL);
