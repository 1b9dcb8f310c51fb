-- How many databases the source had when a set was taken; null where nobody knows.

alter table backup_set add source_databases integer;
