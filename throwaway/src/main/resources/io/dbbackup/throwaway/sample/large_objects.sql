-- Large objects: empty, small, of several megabytes, with a hole; with owner, rights and comment; referenced from a table.
CREATE TABLE documents (id int PRIMARY KEY, title text, content oid);
INSERT INTO documents SELECT i, 'document ' || i, lo_from_bytea(0, decode(repeat(md5(i::text), i * 10), 'hex'))
FROM generate_series(1, 40) AS i;
INSERT INTO documents SELECT 100, 'empty', lo_create(0);
INSERT INTO documents SELECT 101, 'three megabytes',
       lo_from_bytea(0, (SELECT string_agg(decode(md5(i::text), 'hex'), ''::bytea ORDER BY i) FROM generate_series(1, 196608) AS i));
INSERT INTO documents SELECT 102, 'with a hole', lo_from_bytea(0, 'before');
SELECT lo_put((SELECT content FROM documents WHERE id = 102), 100000, 'after');
SELECT lo_create(424242);
SELECT lo_put(424242, 0, '\x00ff005c0a0d09');
ALTER LARGE OBJECT 424242 OWNER TO sample_owner;
GRANT SELECT ON LARGE OBJECT 424242 TO sample_reader;
GRANT SELECT, UPDATE ON LARGE OBJECT 424242 TO sample_writer WITH GRANT OPTION;
COMMENT ON LARGE OBJECT 424242 IS 'every byte''s worst case';
