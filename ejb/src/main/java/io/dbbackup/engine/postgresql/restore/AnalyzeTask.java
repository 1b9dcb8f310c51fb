package io.dbbackup.engine.postgresql.restore;

/**
 * Payload of an item that collects statistics.
 *
 * @param database name in the set
 * @param share which share of the tables, from 0
 * @param shares how many shares there are, about equally large; 0 in runs of earlier versions, which knew only one
 */
record AnalyzeTask(String database, int share, int shares) {}
