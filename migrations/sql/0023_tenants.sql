-- Tenants that are suspended, deleted and carried away: their settings, slugs that are held, exports, what stops the
-- crawling for one, and the one way in which rows of a tenant go.

-- Why an operator suspended a tenant. Stays while it waits to be deleted: restored, it is suspended as before.
alter table identity.tenant add column suspended_for text check (char_length(suspended_for) between 1 and 500);
-- Those suspended before there were reasons. Their owner is bound by the tenants' policies, too: it sees all of them here
-- alone.
alter table identity.tenant no force row level security;
update identity.tenant set suspended_for = 'Ask the operator of this installation.' where status = 'suspended';
alter table identity.tenant force row level security;

alter table identity.tenant
    -- ISO 4217: in which currency figures of several shops are compared.
    add column base_currency text not null default 'USD' check (base_currency ~ '^[A-Z]{3}$'),
    -- What a rising price looks like: in some markets red is a rise.
    add column rise_color    text not null default 'green' check (rise_color in ('green', 'red')),
    -- From when on it is erased, and nothing brings it back.
    add column delete_at     timestamptz,
    drop constraint tenant_status_check,
    -- deleting: its owner may still restore it. erasing: its rows are going.
    add constraint tenant_status_check check (status in ('active', 'suspended', 'deleting', 'erasing')),
    add constraint tenant_suspended check (status <> 'suspended' or suspended_for is not null),
    add constraint tenant_deleted check ((delete_at is not null) = (status in ('deleting', 'erasing')));
create index tenant_delete_due on identity.tenant (delete_at) where delete_at is not null;

-- Slugs that nobody can take: those that a tenant gave up lately, which lead to it, and those of erased ones.
create table identity.slug_hold (
    slug       text primary key,
    leads_to   uuid references identity.tenant (id) on delete cascade,
    held_until timestamptz not null
);
create index slug_hold_leads_to on identity.slug_hold (leads_to) where leads_to is not null;
grant select, insert, update, delete on identity.slug_hold to bw_identity_system;

-- Gives the transaction's tenant another slug and holds the one it had; false when the wanted one is held for somebody
-- else. One that a tenant has violates the unique key. Definer, because holds are across tenants.
create function identity.take_slug(in_slug text, in_held_until timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    former text;
begin
    select slug into former from identity.tenant where id = bw.current_tenant() for update;
    if former is null or former = in_slug then
        return former is not null;
    end if;
    if exists (select from identity.slug_hold
               where slug = in_slug and held_until > now() and leads_to is distinct from bw.current_tenant()) then
        return false;
    end if;
    delete from identity.slug_hold where slug = in_slug;
    insert into identity.slug_hold (slug, leads_to, held_until) values (former, bw.current_tenant(), in_held_until)
    on conflict (slug) do update set leads_to = excluded.leads_to, held_until = excluded.held_until;
    update identity.tenant set slug = in_slug, version = version + 1 where id = bw.current_tenant();
    return true;
end $$;
revoke execute on function identity.take_slug from public;
grant execute on function identity.take_slug to bw_identity_api;

-- Archives of all that a tenant has, and how far they are.
create table identity.export (
    tenant_id   uuid not null references identity.tenant (id) on delete cascade,
    id          uuid not null,
    status      text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
    percent     smallint not null default 0 check (percent between 0 and 100),
    asked_by    uuid,
    created_at  timestamptz not null,
    finished_at timestamptz,
    -- When the archive goes.
    expires_at  timestamptz,
    bytes       bigint not null default 0,
    -- Of the whole archive, in hex.
    sha256      text,
    chunks      integer not null default 0,
    -- For people: why it failed.
    reason      text,
    attempts    smallint not null default 0,
    -- Who builds it, and until when that is believed.
    claim       uuid,
    lease_until timestamptz,
    primary key (tenant_id, id)
);
create unique index export_alone on identity.export (tenant_id) where status in ('queued', 'running');
create index export_open on identity.export (created_at) where status in ('queued', 'running');
create index export_over on identity.export (expires_at) where expires_at is not null;

-- An archive in pieces that are sealed each for itself.
create table identity.export_chunk (
    tenant_id uuid not null,
    export_id uuid not null,
    place     integer not null,
    sealed    bytea not null,
    primary key (tenant_id, export_id, place),
    foreign key (tenant_id, export_id) references identity.export (tenant_id, id) on delete cascade
);
select bw.tenant_table('identity', 'export');
select bw.tenant_table('identity', 'export_chunk');
revoke update, delete on identity.export from bw_identity_api;
revoke insert, update, delete on identity.export_chunk from bw_identity_api;

-- Whether anything is crawled for a tenant. One without a row is crawled for.
create table crawl.standing (
    tenant_id uuid primary key,
    stopped   boolean not null,
    version   bigint not null,
    -- Whether its trackings follow already.
    settled   boolean not null default false
);
create index standing_unsettled on crawl.standing (tenant_id) where not settled;
select bw.tenant_table('crawl', 'standing');

alter table crawl.tracking
    -- Whether core wants it followed; it is live while its tenant is crawled for, too.
    add column asked boolean not null default true;
-- Its owner is bound by the tenants' policies, too: it sees all of them here alone.
alter table crawl.tracking no force row level security;
update crawl.tracking set asked = live where asked <> live;
alter table crawl.tracking force row level security;
create index tracking_held on crawl.tracking (tenant_id, target_id) where asked and not live;

-- Deletes at most so many rows of one tenant from every table of a schema that has a tenant_id, those that refer to
-- others first; says how many went. Tables made later are among them without being named anywhere. Definer, so that
-- tables which nobody may delete from lose a tenant's rows here and nowhere else; the tenant's policies hold for the
-- definer too.
create function bw.erase_tenant_rows(in_schema text, in_tenant uuid, in_most integer) returns bigint
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    part oid;
    leaf regclass;
    gone bigint;
    total bigint := 0;
begin
    perform set_config('app.tenant_id', in_tenant::text, true);
    for part in
        with recursive own as (
            select c.oid from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where n.nspname = in_schema and c.relkind in ('r', 'p') and not c.relispartition
        ), referred as (
            select oid, 0 as depth from own
            union all
            select k.confrelid, r.depth + 1
            from referred r join pg_constraint k on k.conrelid = r.oid and k.contype = 'f' and k.confrelid <> k.conrelid
            where k.confrelid in (select oid from own) and r.depth < 16
        )
        select oid from referred group by oid order by max(depth), oid
    loop
        -- Rows are named by where they are, which is only so within one table: each part of a parted one by itself.
        for leaf in
            select part::regclass where not exists (select from pg_partition_tree(part::regclass))
            union all
            select relid from pg_partition_tree(part::regclass) where isleaf
        loop
            execute format('delete from %s where tenant_id = $1 and ctid = any(array(
                                select ctid from %s where tenant_id = $1 limit $2))', leaf, leaf)
                using in_tenant, in_most - total;
            get diagnostics gone = row_count;
            total := total + gone;
            if total >= in_most then
                return total;
            end if;
        end loop;
    end loop;
    return total;
end $$;
revoke execute on function bw.erase_tenant_rows from public;

-- Each service may do so in its own schema.
do $$
declare
    name text;
begin
    foreach name in array array['identity', 'crawl', 'catalog'] loop
        execute format(
            'create function %I.erase_tenant_rows(in_tenant uuid, in_most integer) returns bigint
                 language sql security definer set search_path = pg_catalog
                 as %L', name, format('select bw.erase_tenant_rows(%L, in_tenant, in_most)', name));
        execute format('revoke execute on function %I.erase_tenant_rows from public', name);
        execute format('grant execute on function %I.erase_tenant_rows to bw_%s_system', name, name);
    end loop;
end $$;

-- Listings of an erased tenant are looked up by their owner.
create index listing_owner on catalog.listing (owner_tenant_id) where owner_tenant_id is not null;
create index target_owner on crawl.target (owner_tenant_id) where owner_tenant_id is not null;
