-- Range partitions with a default one, hash and list partitions, two levels, and a partition whose columns are in another order.
CREATE TABLE measurements (taken date NOT NULL, device int, value float8) PARTITION BY RANGE (taken);
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measurements_2025 PARTITION OF measurements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
    PARTITION BY HASH (device);
CREATE TABLE measurements_2025_0 PARTITION OF measurements_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE measurements_2025_1 PARTITION OF measurements_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE measurements_other PARTITION OF measurements DEFAULT;
CREATE TABLE measurements_old (value float8, gone text, device int, taken date NOT NULL);
ALTER TABLE measurements_old DROP COLUMN gone;
ALTER TABLE measurements ATTACH PARTITION measurements_old FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
INSERT INTO measurements SELECT date '2023-06-01' + i, i % 17, i / 3.0 FROM generate_series(0, 1500) AS i;
ALTER TABLE measurements ADD PRIMARY KEY (taken, device);
CREATE INDEX ON measurements (value);

CREATE TABLE sessions (id uuid NOT NULL, payload jsonb) PARTITION BY HASH (id);
CREATE TABLE sessions_0 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE sessions_1 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE sessions_2 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO sessions SELECT md5(i::text)::uuid, jsonb_build_object('n', i) FROM generate_series(1, 500) AS i;

CREATE TABLE by_region (region text, n int) PARTITION BY LIST (region);
CREATE TABLE by_region_north PARTITION OF by_region FOR VALUES IN ('north', 'nörth');
CREATE TABLE by_region_unknown PARTITION OF by_region FOR VALUES IN (NULL);
CREATE TABLE by_region_empty PARTITION OF by_region FOR VALUES IN ('nowhere');
INSERT INTO by_region VALUES ('north', 1), ('nörth', 2), (NULL, 3);
