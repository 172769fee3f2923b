-- What every schema uses: the tenant of the transaction, the policies of a tenant's table, outbox and idempotency.

-- A pooled connection leaves an empty text behind, hence nullif; without a tenant the comparison is null: no rows.
create function bw.current_tenant() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- Forces row-level security on a table with tenant_id: each login sees the tenant of its transaction only,
-- the schema's system login everything. Grants follow the same line.
-- A function, so that a migration reads as a list of tables.
create function bw.tenant_table(schema_name text, table_name text) returns void
    language plpgsql
    as $$
declare
    qualified text := format('%I.%I', schema_name, table_name);
begin
    execute format('alter table %s enable row level security', qualified);
    execute format('alter table %s force row level security', qualified);
    execute format(
        'create policy tenant_isolation on %s using (tenant_id = (select bw.current_tenant()))
             with check (tenant_id = (select bw.current_tenant()))', qualified);
    execute format('create policy system_access on %s to bw_%s_system using (true) with check (true)',
        qualified, schema_name);
    execute format('grant select, insert, update, delete on %s to bw_%s_api, bw_%s_system',
        qualified, schema_name, schema_name);
end $$;

-- The event log of a schema. Rows get their sequence from the relay when they are published, so that readers by
-- sequence never miss a row that committed late. Days are partitions; whole days are dropped after 72 hours.
create function bw.outbox(schema_name text) returns void
    language plpgsql
    as $$
begin
    execute format('create sequence %I.outbox_sequence', schema_name);
    execute format(
        'create table %I.outbox (
            id          uuid not null,
            created_at  timestamptz not null default now(),
            sequence    bigint,
            tenant_id   uuid,
            kind        text not null,
            subject     text not null,
            version     bigint not null,
            message     bytea,
            data        jsonb,
            traceparent text,
            primary key (created_at, id)
        ) partition by range (created_at)', schema_name);
    execute format('comment on column %I.outbox.message is ''protobuf for other services; null: not published''', schema_name);
    execute format('comment on column %I.outbox.data is ''what the tenant''''s event stream shows; null: not shown''', schema_name);
    execute format('create index outbox_unsent on %I.outbox (created_at, id) where sequence is null', schema_name);
    execute format('create index outbox_log on %I.outbox (sequence) where sequence is not null', schema_name);
    execute format('create index outbox_tenant_log on %I.outbox (tenant_id, sequence) where data is not null', schema_name);
    perform bw.tenant_table(schema_name, 'outbox');
    execute format('revoke update, delete on %I.outbox from bw_%s_api', schema_name, schema_name);
    execute format('grant usage on sequence %I.outbox_sequence to bw_%s_system', schema_name, schema_name);
    perform bw.ensure_outbox_days(schema_name, current_date - 1, current_date + 7);
end $$;

-- Makes the days' partitions; safe to call by several at once. The system logins may call it, hence definer.
create function bw.ensure_outbox_days(schema_name text, first_day date, last_day date) returns void
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
            execute format('create table %I.%I partition of %I.outbox for values from (%L) to (%L)',
                schema_name, name, schema_name, day::timestamp at time zone 'UTC',
                (day + 1)::timestamp at time zone 'UTC');
        end if;
        day := day + 1;
    end loop;
end $$;

-- Drops days older than the event log's 72 hours.
create function bw.drop_outbox_days(schema_name text, before_day date) returns integer
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    old record;
    dropped integer := 0;
begin
    if schema_name not in ('identity', 'crawl', 'catalog') or before_day > current_date - 3 then
        raise exception 'not an outbox range: % %', schema_name, before_day;
    end if;
    for old in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = format('%I.outbox', schema_name)::regclass
          and c.relname < 'outbox_' || to_char(before_day, 'YYYYMMDD')
    loop
        execute format('drop table %I.%I', schema_name, old.relname);
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;

-- First answers of creates, replayed when a request with the same Idempotency-Key comes again. Bodies are sealed.
create function bw.idempotency(schema_name text) returns void
    language plpgsql
    as $$
begin
    execute format(
        'create table %I.idempotency_key (
            tenant_id      uuid not null,
            key            text not null,
            operation      text not null,
            request_sha256 bytea not null,
            status         smallint,
            sealed_body    bytea,
            created_at     timestamptz not null default now(),
            primary key (tenant_id, operation, key)
        )', schema_name);
    perform bw.tenant_table(schema_name, 'idempotency_key');
    execute format('create index idempotency_key_age on %I.idempotency_key (created_at)', schema_name);
end $$;

revoke execute on function bw.ensure_outbox_days, bw.drop_outbox_days from public;
grant execute on function bw.ensure_outbox_days, bw.drop_outbox_days
    to bw_identity_system, bw_crawl_system, bw_catalog_system;
