-- When the latest execution of a run began; null where that is not known, and when the run was queued since.

alter table run add execution_started_at timestamp(6) with time zone;
update run set execution_started_at = started_at where executions = 1;
