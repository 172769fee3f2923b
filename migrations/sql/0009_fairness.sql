-- crawl: within a source and priority, tenants share the room by the weight of their plan.

-- What a tenant weighs against the others; one without a row weighs 1.
create table crawl.weight (
    tenant_id uuid primary key,
    plan      text not null,
    version   bigint not null
);
select bw.tenant_table('crawl', 'weight');

-- Who pays for fetches of a source and priority, and how far its virtual time has come.
create table crawl.payer (
    tenant_id    uuid not null,
    source       text not null,
    priority     smallint not null,
    virtual_time bigint not null default 0,
    primary key (source, priority, tenant_id)
) with (fillfactor = 50);
select bw.tenant_table('crawl', 'payer');

-- Where payers begin that had nothing to do.
create table crawl.payer_clock (
    source       text not null,
    priority     smallint not null,
    virtual_time bigint not null default 0,
    primary key (source, priority)
);
grant select, insert, update, delete on crawl.payer_clock to bw_crawl_system;

-- The tenant that pays for the next fetch: one of those that track the listing, in turn. Nil: nobody tracks it.
alter table crawl.target add column payer_id uuid not null default '00000000-0000-0000-0000-000000000000';
-- Its owner is bound by the tenants' policies, too: it sees all of them here alone.
alter table crawl.tracking no force row level security;
alter table crawl.payer no force row level security;
update crawl.target g set payer_id = t.tenant_id
from (select distinct on (target_id) target_id, tenant_id from crawl.tracking where live
      order by target_id, interval_seconds, tenant_id) t
where t.target_id = g.id;
insert into crawl.payer (tenant_id, source, priority)
select distinct t.tenant_id, g.source, p
from crawl.tracking t join crawl.target g on g.id = t.target_id, generate_series(1, 3) p
where t.live;
alter table crawl.payer force row level security;
alter table crawl.tracking force row level security;

drop index crawl.target_due;
create index target_due on crawl.target (source, priority, payer_id, next_due_at)
    where task_id is null and next_due_at is not null;

-- As before, and whoever wants it now pays for it.
create or replace function crawl.hasten(listing_ids bigint[], wanted smallint, trace text, at timestamptz)
    returns table (target_id bigint, round bigint)
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    mine bigint[];
begin
    select array_agg(distinct t.target_id) into mine
    from crawl.tracking t
    where t.tenant_id = bw.current_tenant() and t.live and t.target_id = any (listing_ids);
    -- In the order of ids, as everybody who locks several. Statements after this one see what was committed meanwhile.
    perform from crawl.target g where g.id = any (mine) order by g.id for update;
    update crawl.target g
    set next_due_at = least(g.next_due_at, at), priority = least(g.priority, wanted),
        traceparent = coalesce(trace, g.traceparent), payer_id = bw.current_tenant()
    where g.id = any (mine) and g.task_id is null and g.interval_seconds is not null;
    -- Whoever dispatches in another process hears of it when this commits.
    perform pg_notify('crawl_due', '');
    return query
    select g.id, g.round from crawl.target g where g.id = any (mine) and g.interval_seconds is not null;
end $$;
