-- crawl: targets and when each is due, leases, tasks, crawls. Owner service: crawler-service.

-- One listing to fetch, for all tenants that track it; id is the listing's id in catalog.
create table crawl.target (
    id               bigint primary key,
    source           text not null,
    marketplace      text not null,
    external_id      text not null,
    url              text not null,
    owner_tenant_id  uuid,
    -- The shortest interval any live tracking asks for; null when none is live.
    interval_seconds integer check (interval_seconds > 0),
    -- When to fetch next; null when stopped. Kept while leased, so that a lease given back is due as before.
    next_due_at      timestamptz,
    -- 1 high, 2 medium, 3 low: of the next fetch.
    priority         smallint not null default 3 check (priority between 1 and 3),
    -- Counts due fetches; advances only when one is over, so a second lease after a lost one has the same number.
    round            bigint not null default 1,
    -- Counts leases; a report with an older one is from somebody who lost it.
    fence            bigint not null default 0,
    -- The task that holds the lease; the lease ends when the task's does. Null: not leased.
    task_id          uuid,
    -- Tries in this round.
    attempts         smallint not null default 0,
    -- Rounds that failed in a row.
    failures         integer not null default 0,
    last_crawl_at    timestamptz,
    last_outcome     text,
    last_reason      text,
    -- W3C trace of the request that made it due, if one did.
    traceparent      text
);
create index target_due on crawl.target (source, priority, next_due_at) where task_id is null and next_due_at is not null;
create index target_leased on crawl.target (source, priority) where task_id is not null;
create index target_task on crawl.target (task_id) where task_id is not null;
create index target_external on crawl.target (external_id);

-- The crawler's copy of trackings, from events; the highest version counts.
create table crawl.tracking (
    tenant_id        uuid not null,
    id               uuid not null,
    target_id        bigint not null references crawl.target (id),
    interval_seconds integer not null check (interval_seconds > 0),
    version          bigint not null,
    live             boolean not null,
    primary key (tenant_id, id)
);
create index tracking_target on crawl.tracking (target_id) where live;
create index tracking_tenant_target on crawl.tracking (tenant_id, target_id) where live;

-- Leased targets that travel together in one queue message.
create table crawl.task (
    id          uuid primary key,
    source      text not null,
    priority    smallint not null,
    items       integer not null,
    created_at  timestamptz not null default now(),
    -- The lease of every target in it.
    lease_until timestamptz not null,
    checkpoint  bytea not null default '',
    -- Set when the broker has confirmed the message.
    published_at timestamptz,
    finished_at timestamptz,
    traceparent text
);
create index task_open on crawl.task (lease_until) where finished_at is null;
-- How fast a source goes, and what is old enough to delete.
create index task_finished on crawl.task (finished_at) where finished_at is not null;

create table crawl.crawl (
    tenant_id   uuid not null,
    id          uuid not null,
    trigger     text not null check (trigger in ('manual', 'monitor', 'schedule')),
    priority    smallint not null,
    status      text not null default 'running'
                check (status in ('idle', 'running', 'completed', 'partial', 'failed', 'cancelled')),
    -- Targets; succeeded + failed are those that ended.
    total       integer not null check (total > 0),
    succeeded   integer not null default 0,
    failed      integer not null default 0,
    started_at  timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id)
);

create table crawl.crawl_target (
    tenant_id uuid not null,
    crawl_id  uuid not null,
    target_id bigint not null references crawl.target (id),
    -- The round this crawl waits for; its end fills the outcome, its tries reason and attempts.
    round     bigint not null,
    outcome   text,
    reason    text,
    attempts  smallint not null default 0,
    primary key (tenant_id, crawl_id, target_id),
    foreign key (tenant_id, crawl_id) references crawl.crawl (tenant_id, id) on delete cascade
);
create index crawl_target_open on crawl.crawl_target (target_id, round) where outcome is null;

select bw.tenant_table('crawl', 'tracking');
select bw.tenant_table('crawl', 'crawl');
select bw.tenant_table('crawl', 'crawl_target');
-- Targets and tasks belong to no tenant: only the system login works on them.
grant select, insert, update, delete on crawl.target, crawl.task to bw_crawl_system;

-- When a tenant's trackings are due: read by the tenant through its own trackings.
create view crawl.tenant_tracking with (security_barrier) as
select t.tenant_id, t.id, t.target_id, t.interval_seconds, t.live,
       g.source, g.marketplace, g.external_id,
       g.next_due_at, g.last_crawl_at, g.last_outcome, g.last_reason
from crawl.tracking t
join crawl.target g on g.id = t.target_id
where t.tenant_id = (select bw.current_tenant());
grant select on crawl.tenant_tracking to bw_crawl_api;

-- Makes targets due now that the transaction's tenant tracks, and tells the round to wait for: of a target under
-- lease the one under way. Ids that the tenant does not track are left out. Definer, because the api login has no
-- grant on targets; the tenant's policies hold for the definer too.
create function crawl.hasten(listing_ids bigint[], wanted smallint, trace text, at timestamptz)
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
        traceparent = coalesce(trace, g.traceparent)
    where g.id = any (mine) and g.task_id is null and g.interval_seconds is not null;
    -- Whoever dispatches in another process hears of it when this commits.
    perform pg_notify('crawl_due', '');
    return query
    select g.id, g.round from crawl.target g where g.id = any (mine) and g.interval_seconds is not null;
end $$;
revoke execute on function crawl.hasten from public;
grant execute on function crawl.hasten to bw_crawl_api;

select bw.outbox('crawl');
select bw.idempotency('crawl');
