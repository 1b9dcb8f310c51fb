-- Runs that did not end well and wait for nobody any more.

alter table run add column discarded_at timestamp(6) with time zone;
