-- Keys that backup sets are encrypted for. Settings hold names of files and references, never keys.

create table encryption_key (
    id          uuid primary key,
    name        varchar(100) not null unique,
    type        varchar(40) not null,
    settings    ${text} not null,
    updated_at  timestamp(6) with time zone not null
);

create table setting (
    name            varchar(100) primary key,
    setting_value   ${text} not null
);
