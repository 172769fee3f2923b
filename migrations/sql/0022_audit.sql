-- identity: who did what, and who was refused. Months are partitions; lines are only ever added, by user-service's system
-- login alone, and go by whole months.

create table identity.audit_entry (
    id            uuid not null,
    at            timestamptz not null,
    tenant_id     uuid,
    actor_kind    text not null check (actor_kind in ('user', 'api_key', 'operator', 'system', 'anonymous')),
    actor_id      uuid,
    actor_name    text,
    action        text not null,
    subject_kind  text not null,
    subject_id    text not null,
    outcome       text not null check (outcome in ('done', 'refused')),
    status        smallint,
    reason        text not null,
    address       text not null,
    user_agent    text not null,
    credential_id uuid,
    trace_id      text not null,
    details       jsonb not null
) partition by range (at);
comment on column identity.audit_entry.tenant_id is 'null: it concerns no single tenant, and only the operator sees it';
comment on column identity.audit_entry.actor_name is 'as it was then: people and keys go, their acts stay';

-- An event that comes twice is one line; one refusal may stand in the logs of several tenants.
create unique index audit_entry_once on identity.audit_entry (at, id, tenant_id) nulls not distinct;
create index audit_entry_of_tenant on identity.audit_entry (tenant_id, at desc, id desc);
create index audit_entry_of_actor on identity.audit_entry (tenant_id, actor_id, at desc, id desc);

select bw.tenant_table('identity', 'audit_entry');
revoke insert, update, delete on identity.audit_entry from bw_identity_api;
revoke update, delete on identity.audit_entry from bw_identity_system;

-- Makes the months' partitions; safe to call by several at once. The system login may call it, hence definer.
create function identity.ensure_audit_months(first_day date, last_day date) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    month date := date_trunc('month', first_day)::date;
    name text;
begin
    if last_day - first_day > 400 then
        raise exception 'not a range of audit months: % %', first_day, last_day;
    end if;
    perform pg_advisory_xact_lock(hashtext('audit partitions'));
    while month <= last_day loop
        name := 'audit_entry_' || to_char(month, 'YYYYMM');
        if to_regclass(format('identity.%I', name)) is null then
            execute format('create table identity.%I partition of identity.audit_entry for values from (%L) to (%L)',
                name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
        end if;
        month := (month + interval '1 month')::date;
    end loop;
end $$;

-- Drops months that ended before a day. A month is the least that must stay, whoever asks.
create function identity.drop_audit_months(before_day date) returns integer
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    old record;
    dropped integer := 0;
begin
    if before_day > current_date - 30 then
        raise exception 'audit months end at least 30 days before they are dropped, not at %', before_day;
    end if;
    for old in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'identity.audit_entry'::regclass
          and c.relname < 'audit_entry_' || to_char(date_trunc('month', before_day), 'YYYYMM')
    loop
        execute format('drop table identity.%I', old.relname);
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;

-- Forgets the lines of a tenant that is gone, and of no other.
create function identity.erase_audit_of(tenant uuid) returns bigint
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    erased bigint;
begin
    if exists (select from identity.tenant t where t.id = tenant) then
        raise exception 'the tenant % is there; its audit log stays', tenant;
    end if;
    delete from identity.audit_entry e where e.tenant_id = tenant;
    get diagnostics erased = row_count;
    return erased;
end $$;

revoke execute on function identity.ensure_audit_months, identity.drop_audit_months, identity.erase_audit_of from public;
grant execute on function identity.ensure_audit_months, identity.drop_audit_months, identity.erase_audit_of
    to bw_identity_system;
-- What erases runs as the tables' owner, who is bound by row-level security like anybody.
create policy audit_erasing on identity.audit_entry to current_user using (true);
create policy audit_erasing on identity.tenant for select to current_user using (true);
select identity.ensure_audit_months(current_date - 31, current_date + 62);
