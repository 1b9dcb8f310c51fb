-- Hash partitions of an enum: the hash is that of the value's oid, which a restored database does not keep.
CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'black', 'white');
CREATE TABLE by_colour (c colour, n int) PARTITION BY HASH (c);
CREATE TABLE by_colour_0 PARTITION OF by_colour FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_colour_1 PARTITION OF by_colour FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_colour SELECT c, n FROM unnest(enum_range(NULL::colour)) AS c, generate_series(1, 20) AS n;
