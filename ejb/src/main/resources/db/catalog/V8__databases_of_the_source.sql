-- How many databases the source had when a set was taken; null where nobody knows.

alter table backup_set add source_databases integer;

-- What tells apart sets that lack something: how many databases the backup was to take and are not in it (null in complete sets, and where
-- nobody knows), whether roles or accounts are, and a JSON list of those that were taken beside an unfinished restore (null for none).

alter table backup_set add missing_databases integer;
alter table backup_set add globals boolean;
alter table backup_set add beside_restore ${text};
