-- Sets that refer to blobs of others, and what keeps those.

-- what other sets store for this one, as JSON; null when it stores everything itself
alter table backup_set add column reuses ${text};

-- a copy of a set that refers to another set in the same store; copies that are complete by themselves have none
create table set_reference (
    set_id          varchar(60) not null,
    store_name      varchar(100) not null,
    -- not a foreign key: an import may find the referring set first
    origin_id       varchar(60) not null,
    primary key (set_id, store_name, origin_id),
    foreign key (set_id, store_name) references set_copy on delete cascade
);
create index set_reference_by_origin on set_reference (origin_id, store_name);

-- sets that an active run needs to stay, beside the one that it is about
create table run_pin (
    run_id          uuid not null references run on delete cascade,
    set_id          varchar(60) not null,
    primary key (run_id, set_id)
);
create index run_pin_by_set on run_pin (set_id);
