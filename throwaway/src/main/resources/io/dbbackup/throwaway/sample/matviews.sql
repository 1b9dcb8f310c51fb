-- Materialized views: a chain, one with an index, one that must stay unpopulated, one in the way of alphabetical order.
CREATE TABLE readings (id int, v int);
INSERT INTO readings SELECT i, i % 10 FROM generate_series(1, 200) AS i;
CREATE MATERIALIZED VIEW z_first AS SELECT v, count(*) AS n FROM readings GROUP BY v;
CREATE UNIQUE INDEX ON z_first (v);
CREATE MATERIALIZED VIEW m_second AS SELECT sum(n) AS total FROM z_first;
CREATE VIEW k_between AS SELECT total + 1 AS total FROM m_second;
CREATE MATERIALIZED VIEW a_third AS SELECT total * 2 AS doubled FROM k_between;
CREATE MATERIALIZED VIEW unpopulated AS SELECT * FROM readings WITH NO DATA;
COMMENT ON MATERIALIZED VIEW a_third IS 'needs the others';
