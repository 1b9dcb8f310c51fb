-- :rows small tables in a few schemas, some of them empty.
SELECT format('CREATE SCHEMA area_%s', i) FROM generate_series(0, 4) AS i \gexec
SELECT format('CREATE TABLE area_%s.t%s (id int PRIMARY KEY, v text)', i % 5, i) FROM generate_series(1, :rows) AS i \gexec
SELECT format('INSERT INTO area_%s.t%s SELECT g, md5(g::text) FROM generate_series(1, %s) AS g', i % 5, i, i % 37) FROM generate_series(1, :rows) AS i \gexec
