-- crawl: whole rounds: what a crawl searches, a tenant's scheduler; urgent work takes over what waits in a queue.

-- When a worker first opened it. Until then its message only waits, and what it carries may go ahead in another task.
alter table crawl.task add column opened_at timestamptz;

-- Who made a monitor: a person, or a round, whose searches stand ready for the next one and are never due by themselves.
alter table crawl.monitor
    add column origin text not null default 'person' check (origin in ('person', 'round')),
    -- When a round last asked for it.
    add column asked_at timestamptz;
create unique index monitor_of_round on crawl.monitor (tenant_id, source, kind, term)
    where origin = 'round' and deleted_at is null;
create index monitor_unasked on crawl.monitor (asked_at) where origin = 'round' and deleted_at is null;

-- Monitors are claimed by payer within their priority.
drop index crawl.monitor_due;
create index monitor_due on crawl.monitor (source, priority, tenant_id, next_due_at)
    where task_id is null and next_due_at is not null;

-- What a crawl searches.
create table crawl.crawl_search (
    tenant_id  uuid not null,
    crawl_id   uuid not null,
    monitor_id uuid not null,
    source     text not null,
    kind       text not null,
    term       text not null,
    -- The monitor's run this crawl waits for; its end fills the outcome, its tries reason and attempts.
    round      bigint not null,
    outcome    text,
    reason     text,
    attempts   smallint not null default 0,
    -- Of a good run: hits, and those that the monitor never had before.
    found      integer,
    new        integer,
    primary key (tenant_id, crawl_id, monitor_id),
    foreign key (tenant_id, crawl_id) references crawl.crawl (tenant_id, id) on delete cascade
);
create index crawl_search_open on crawl.crawl_search (tenant_id, monitor_id, round) where outcome is null;
select bw.tenant_table('crawl', 'crawl_search');

-- What a tenant's rounds are made of, and when the next one begins.
create table crawl.scheduler (
    tenant_id        uuid primary key,
    enabled          boolean not null default false,
    keywords         text[] not null default '{}',
    interval_seconds integer not null default 3600 check (interval_seconds between 300 and 604800),
    -- Null: everything tracked, and the searches that cost nothing or that the tenant has a credential for.
    sources          text[],
    tracked          boolean not null default true,
    new_arrivals     boolean not null default true,
    limited          boolean not null default true,
    -- Null while stopped. In the past: as soon as the round under way is over.
    next_round_at    timestamptz,
    last_crawl_id    uuid,
    last_started_at  timestamptz,
    updated_at       timestamptz not null default now()
);
create index scheduler_due on crawl.scheduler (next_round_at) where enabled;
select bw.tenant_table('crawl', 'scheduler');

-- Makes targets due now, and tells the round to wait for: of a target under way the one under way. What is leased to a
-- less urgent task that no worker has opened yet is taken over: it is leased anew, and the old task goes without it.
-- For the functions below, which say whose targets.
create function crawl.make_due(mine bigint[], wanted smallint, trace text, at timestamptz)
    returns table (target_id bigint, round bigint)
    language plpgsql set search_path = pg_catalog
    as $$
begin
    -- In the order of ids, as everybody who locks several. Statements after this one see what was committed meanwhile:
    -- whoever opens a task locks its targets before it says so.
    perform from crawl.target g where g.id = any (mine) order by g.id for update;
    update crawl.target g
    set task_id = null, next_due_at = least(g.next_due_at, at), priority = least(g.priority, wanted),
        traceparent = coalesce(trace, g.traceparent), payer_id = bw.current_tenant()
    where g.id = any (mine) and g.interval_seconds is not null
      and (g.task_id is null
           or wanted < 3 and exists (select from crawl.task k
                                     where k.id = g.task_id and k.priority > wanted and k.opened_at is null));
    -- Whoever dispatches in another process hears of it when this commits.
    perform pg_notify('crawl_due', '');
    return query
    select g.id, g.round from crawl.target g where g.id = any (mine) and g.interval_seconds is not null;
end $$;
revoke execute on function crawl.make_due from public;

-- Those of the listings that the transaction's tenant tracks. Definer, because the api login has no grant on targets;
-- the tenant's policies hold for the definer too.
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
    return query select * from crawl.make_due(mine, wanted, trace, at);
end $$;

-- All that the transaction's tenant tracks, of these sources; null: of every source.
create function crawl.hasten_tracked(of_sources text[], wanted smallint, trace text, at timestamptz)
    returns table (target_id bigint, round bigint)
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    mine bigint[];
begin
    select array_agg(distinct t.target_id) into mine
    from crawl.tracking t join crawl.target g on g.id = t.target_id
    where t.tenant_id = bw.current_tenant() and t.live and (of_sources is null or g.source = any (of_sources));
    return query select * from crawl.make_due(mine, wanted, trace, at);
end $$;

-- Makes searches of the transaction's tenant due now, new ones and known ones, and tells the run to wait for. One that a
-- worker has begun is joined; one that only waits in a queue for less urgent work is taken over. Who `tells` lets new
-- hits raise alerts from now on.
create function crawl.hasten_searches(ids uuid[], sources text[], kinds text[], terms text[], marketplaces text[],
                                      names text[], most_hits integer, tells boolean, wanted smallint, trace text,
                                      at timestamptz)
    returns table (monitor_id uuid, source text, kind text, term text, round bigint)
    language plpgsql security definer set search_path = pg_catalog
    as $$
#variable_conflict use_column
declare
    tenant uuid := bw.current_tenant();
    mine uuid[];
begin
    insert into crawl.monitor (tenant_id, id, origin, source, kind, term, marketplace, name, status, interval_seconds,
                               hits_limit, alert, track_up_to, tags, created_at, updated_at)
    select tenant, u.id, 'round', u.source, u.kind, u.term, u.marketplace, u.name, 'paused', 86400, most_hits, tells,
           0, '{}', at, at
    from unnest(ids, sources, kinds, terms, marketplaces, names) as u (id, source, kind, term, marketplace, name)
    order by u.source, u.kind, u.term
    on conflict (tenant_id, source, kind, term) where origin = 'round' and deleted_at is null do nothing;
    select array_agg(m.id) into mine
    from crawl.monitor m
    join unnest(sources, kinds, terms) as u (source, kind, term)
        on m.source = u.source and m.kind = u.kind and m.term = u.term
    where m.tenant_id = tenant and m.origin = 'round' and m.deleted_at is null;
    perform from crawl.monitor m where m.tenant_id = tenant and m.id = any (mine) order by m.id for update;
    update crawl.monitor m set asked_at = at, alert = m.alert or tells
    where m.tenant_id = tenant and m.id = any (mine);
    update crawl.monitor m
    set task_id = null, next_due_at = least(m.next_due_at, at), traceparent = coalesce(trace, m.traceparent),
        priority = case when m.next_due_at is null then wanted else least(m.priority, wanted) end
    where m.tenant_id = tenant and m.id = any (mine)
      and (m.task_id is null
           or exists (select from crawl.task k
                      where k.id = m.task_id and k.priority > wanted and k.opened_at is null));
    perform pg_notify('crawl_due', '');
    return query
    select m.id, m.source, m.kind, m.term, m.round from crawl.monitor m
    where m.tenant_id = tenant and m.id = any (mine);
end $$;
revoke execute on function crawl.hasten_tracked, crawl.hasten_searches from public;
grant execute on function crawl.hasten_tracked, crawl.hasten_searches to bw_crawl_api;
