-- A backup set may have copies in several stores: what is particular to one of them leaves the set's row.

create table set_copy (
    set_id          varchar(60) not null references backup_set on delete cascade,
    store_name      varchar(100) not null,
    -- the first is where the backup wrote it, or where an import found it first
    copy_number     integer not null,
    policy_name     varchar(100),
    state           varchar(20) not null,
    verified_level  varchar(20),
    verified_ok     boolean,
    verified_at     timestamp(6) with time zone,
    primary key (set_id, store_name)
);
create index set_copy_by_store on set_copy (store_name, set_id);

insert into set_copy (set_id, store_name, copy_number, policy_name, state, verified_level, verified_ok, verified_at)
    select id, store_name, 1, policy_name, state, verified_level, verified_ok, verified_at from backup_set;

drop index backup_set_by_store;
alter table backup_set drop column store_name;
alter table backup_set drop column policy_name;
alter table backup_set drop column state;
alter table backup_set drop column verified_level;
alter table backup_set drop column verified_ok;
alter table backup_set drop column verified_at;
