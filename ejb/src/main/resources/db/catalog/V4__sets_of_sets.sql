-- Sets that were made of others, and whom sets are encrypted for.

alter table run add column written_set varchar(60);
create index run_by_written_set on run (written_set);

-- names of keys as a JSON list; null for sets that were entered before this was asked for, [] when not encrypted
alter table backup_set add column recipients ${text};
alter table backup_set add column derived_from varchar(60);
