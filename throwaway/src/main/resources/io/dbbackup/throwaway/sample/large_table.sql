-- :rows orders of about 150 bytes, a twentieth as many customers. Deterministic. Some rows are deleted and updated, so that
-- the table has holes and its rows are not in the order of their keys.
CREATE TABLE customers (
    id int PRIMARY KEY,
    name text NOT NULL,
    email text,
    created timestamptz NOT NULL
);
CREATE TABLE orders (
    id bigint NOT NULL,
    customer_id int NOT NULL,
    placed timestamptz NOT NULL,
    amount numeric(12, 2) NOT NULL,
    status text NOT NULL,
    weight float8,
    note text
);
INSERT INTO customers
SELECT i, 'Customer ' || i, CASE WHEN i % 7 > 0 THEN md5(i::text) || '@example.org' END,
       timestamptz '2020-01-01 00:00:00+00' + i * interval '7 minutes'
FROM generate_series(1, greatest(:rows / 20, 10)) AS i;
INSERT INTO orders
SELECT i, 1 + (i::bigint * 7919) % greatest(:rows / 20, 10), timestamptz '2022-01-01 00:00:00+00' + i * interval '11 seconds',
       (i % 1000000) / 100.0, (ARRAY['new', 'paid', 'shipped', 'returned'])[1 + i % 4],
       CASE WHEN i % 13 > 0 THEN sqrt(i) END,
       CASE WHEN i % 5 > 0 THEN md5(i::text) || E'\t' || md5((i + 1)::text) || CASE WHEN i % 97 = 0 THEN E'\n\\.\n' ELSE '' END END
FROM generate_series(1, :rows) AS i;
DELETE FROM orders WHERE id BETWEEN :rows / 3 AND :rows / 3 + :rows / 50 OR id % 1009 = 0;
UPDATE orders SET status = 'closed' WHERE id % 501 = 0;
ALTER TABLE orders ADD PRIMARY KEY (id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE orders ADD CONSTRAINT amount_is_not_negative CHECK (amount >= 0);
CREATE INDEX orders_by_customer ON orders (customer_id, placed);
CREATE INDEX orders_open ON orders (placed) WHERE status IN ('new', 'paid');
CREATE VIEW turnover AS SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id;
ANALYZE;
