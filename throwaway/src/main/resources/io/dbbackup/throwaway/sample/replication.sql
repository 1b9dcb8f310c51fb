-- Publications, and a subscription that must be restored disabled and must never connect.
CREATE TABLE published (id int PRIMARY KEY, v text);
INSERT INTO published SELECT i, 'p' || i FROM generate_series(1, 20) AS i;
SET client_min_messages = error;
CREATE PUBLICATION a_part FOR TABLE published WITH (publish = 'insert, update');
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE SUBSCRIPTION nowhere CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere password=sample' PUBLICATION p
    WITH (connect = false, enabled = false, create_slot = false, slot_name = NONE);
