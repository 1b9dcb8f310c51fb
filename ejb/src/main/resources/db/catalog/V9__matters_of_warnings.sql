-- What a warning is about, where a later execution of the run may find that otherwise; null for all others.

alter table run_warning add matter varchar(300);
