-- catalog: since when rules apply to a tracking. Every schema: days of the outbox are made without stopping anybody.

-- Its memory of rules begins here: when it was made, when it went on after a pause, and when other rules began to apply
-- to it because of its tags, or because a more specific one ended. What is true already is told at the next look.
alter table catalog.tracking add column rules_since timestamptz;
-- Its owner is bound by the tenants' policies, too: it sees all of them here alone.
alter table catalog.tracking no force row level security;
update catalog.tracking set rules_since = created_at;
alter table catalog.tracking force row level security;
alter table catalog.tracking
    alter column rules_since set default now(),
    alter column rules_since set not null;

-- As before, but made apart and attached, which lets writers and a dump go on: PARTITION OF waits for all of them, and
-- everybody waits behind it.
create or replace function bw.ensure_outbox_days(schema_name text, first_day date, last_day date) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    day date := first_day;
    name text;
begin
    if schema_name not in ('identity', 'crawl', 'catalog') or last_day - first_day > 31 then
        raise exception 'not an outbox range: % % %', schema_name, first_day, last_day;
    end if;
    perform pg_advisory_xact_lock(hashtext('outbox partitions ' || schema_name));
    while day <= last_day loop
        name := 'outbox_' || to_char(day, 'YYYYMMDD');
        if to_regclass(format('%I.%I', schema_name, name)) is null then
            execute format('create table %I.%I (like %I.outbox including all)', schema_name, name, schema_name);
            execute format('alter table %I.outbox attach partition %I.%I for values from (%L) to (%L)',
                schema_name, schema_name, name, day::timestamp at time zone 'UTC',
                (day + 1)::timestamp at time zone 'UTC');
        end if;
        day := day + 1;
    end loop;
end $$;
