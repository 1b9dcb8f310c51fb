/**
 * Rows that PostgreSQL cannot copy, in slices of their columns: larger than 1 GiB in all, or a {@code bytea} of more than 512 MiB in
 * a table that travels as text. Such rows exist because columns were updated one at a time. Start with
 * {@link io.dbbackup.engine.postgresql.sliced.SlicedTable}; docs/repository-format.md, section 6, says what is stored.
 */
package io.dbbackup.engine.postgresql.sliced;
