-- crawl: how targets are read, tenants' credentials, monitors, categories, in what state sources are, what runs cost.

-- What a person chose about reading a target, and what the last good fetch remembered.
alter table crawl.target add column strategy text, add column memo bytea not null default '';
-- The newest live choice counts for the target, which tenants share.
alter table crawl.tracking add column strategy text, add column changed_at timestamptz not null default now();

alter table crawl.task
    -- Whose listings it fetches, with whose credential; null: everybody's. Never two tenants' in one task.
    add column owner_tenant_id uuid,
    -- The listings it was made with: a run's cost may be told when some are reported already.
    add column targets bigint[] not null default '{}',
    -- The monitor that it runs, instead of listings.
    add column monitor_tenant_id uuid,
    add column monitor_id uuid;

-- What a tenant supplied to read a source with. Values are only in `sealed`, bound to tenant and source.
create table crawl.credential (
    tenant_id  uuid not null,
    source     text not null,
    sealed     bytea not null,
    -- Which fields are set.
    fields     text[] not null,
    -- SHA-256 of the values that are no secrets, and of the first 16 digits of their SHA-256: workers tell by either in
    -- what state the part of a source is that an account has for itself.
    marks      text[] not null default '{}',
    status     text not null default 'untested' check (status in ('works', 'failed', 'untested')),
    -- For people: the account's name, or why it does not work.
    message    text not null default '',
    checked_at timestamptz,
    version    bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, source)
);
-- What a changed master key leaves to be sealed again.
create index credential_key on crawl.credential (get_byte(sealed, 0));
select bw.tenant_table('crawl', 'credential');

-- Keywords that are watched in several sources.
create table crawl.category (
    tenant_id        uuid not null,
    id               uuid not null,
    name             text not null,
    keywords         text[] not null,
    auto_crawl       boolean not null,
    -- Null: the public sources that can search and cost nothing, and those that the tenant has a credential for.
    sources          text[],
    -- Null: each source's first.
    marketplace      text,
    interval_seconds integer not null check (interval_seconds between 900 and 2592000),
    alert            boolean not null,
    track_up_to      integer not null check (track_up_to >= 0),
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index category_name on crawl.category (tenant_id, lower(name));
select bw.tenant_table('crawl', 'category');

-- A standing search. Due, leased and fenced as a target is.
create table crawl.monitor (
    tenant_id        uuid not null,
    id               uuid not null,
    category_id      uuid,
    source           text not null,
    kind             text not null,
    term             text not null,
    category         text,
    marketplace      text not null,
    name             text not null,
    status           text not null default 'active' check (status in ('active', 'paused')),
    interval_seconds integer not null check (interval_seconds between 900 and 2592000),
    hits_limit       integer not null check (hits_limit between 1 and 500),
    alert            boolean not null,
    track_up_to      integer not null check (track_up_to >= 0),
    tags             text[] not null,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    -- Core still has to forget it; then the row goes.
    deleted_at       timestamptz,
    -- As in crawl.target.
    next_due_at      timestamptz,
    priority         smallint not null default 2 check (priority between 1 and 3),
    round            bigint not null default 1,
    fence            bigint not null default 0,
    task_id          uuid,
    attempts         smallint not null default 0,
    failures         integer not null default 0,
    openings         smallint not null default 0,
    traceparent      text,
    -- The last try: when it ended, how, and why.
    last_run_at      timestamptz,
    last_outcome     text,
    last_reason      text,
    -- The last good run: null before the first, whose hits are not told of as new.
    last_ok_at       timestamptz,
    last_found       integer,
    last_new         integer,
    last_total       bigint,
    -- Hits that were new to it in the run under way, retries included.
    run_new          integer not null default 0,
    primary key (tenant_id, id),
    foreign key (tenant_id, category_id) references crawl.category (tenant_id, id)
);
create index monitor_due on crawl.monitor (source, priority, next_due_at) where task_id is null and next_due_at is not null;
create index monitor_task on crawl.monitor (task_id) where task_id is not null;
create index monitor_leased on crawl.monitor (source) where task_id is not null;
create index monitor_recent on crawl.monitor (tenant_id, id desc) where deleted_at is null;
create index monitor_category on crawl.monitor (tenant_id, category_id) where category_id is not null;
create index monitor_deleted on crawl.monitor (deleted_at) where deleted_at is not null;
select bw.tenant_table('crawl', 'monitor');

-- In what state workers find sources; a scope is a part with manners of its own, '' the whole.
create table crawl.source_state (
    source        text not null,
    scope         text not null,
    breaker       text not null check (breaker in ('closed', 'open', 'half_open')),
    probe_at      timestamptz,
    paused_until  timestamptz,
    gap_percent   integer not null,
    concurrency   integer not null,
    last_error    text not null,
    last_error_at timestamptz,
    last_ok_at    timestamptz,
    requests      bigint not null,
    troubles      bigint not null,
    -- When the worker found it so, Unix milliseconds; older reports change nothing.
    at_ms         bigint not null,
    -- Since when it is ok, slowed, paused or open.
    word          text not null check (word in ('ok', 'slowed', 'paused', 'open')),
    since         timestamptz not null,
    -- Grows when the breaker opens or closes.
    version       bigint not null default 1,
    primary key (source, scope)
);
grant select, insert, update, delete on crawl.source_state to bw_crawl_system;

-- The states that the transaction's tenant may see: whole sources, parts of the sources named (their parts tell
-- nothing of tenants), and of the others what its credentials name and the hosts of products that it tracks. Definer, because the api login has no
-- grant on states and targets; the tenant's policies hold for the definer too.
create function crawl.visible_source_states(with_parts text[])
    returns setof crawl.source_state
    language sql stable security definer set search_path = pg_catalog
    as $$
    with hosts as materialized (
        select distinct g.source, split_part(g.external_id, '/', 1) as host
        from crawl.tracking t
        join crawl.target g on g.id = t.target_id
        where t.tenant_id = bw.current_tenant() and t.live
          and g.source in (select o.source from crawl.source_state o where o.scope <> '' and o.source <> all (with_parts))
    )
    select s.* from crawl.source_state s
    where s.scope = '' or s.source = any (with_parts)
       or exists (select from hosts h where h.source = s.source and h.host = s.scope)
       or exists (select from crawl.credential c
                  where c.tenant_id = bw.current_tenant() and c.source = s.source
                    and encode(sha256(convert_to(s.scope, 'UTF8')), 'hex') = any (c.marks))
    order by s.source, s.scope
    $$;
revoke execute on function crawl.visible_source_states from public;
grant execute on function crawl.visible_source_states to bw_crawl_api;

-- What paid upstream runs cost; a run counts once.
create table crawl.run_cost (
    source    text not null,
    run       text not null,
    task_id   uuid not null,
    -- Whose listings it fetched, or whose monitor it searched for; null: everybody's.
    owner_tenant_id uuid,
    micro_usd bigint not null check (micro_usd >= 0),
    results   bigint,
    day       date not null,
    primary key (source, run)
);
create index run_cost_day on crawl.run_cost (source, day);
grant select, insert, update, delete on crawl.run_cost to bw_crawl_system;

-- Each tenant's share of them.
create table crawl.spend (
    tenant_id uuid not null,
    source    text not null,
    day       date not null,
    micro_usd bigint not null,
    primary key (tenant_id, source, day)
);
select bw.tenant_table('crawl', 'spend');
revoke insert, update, delete on crawl.spend from bw_crawl_api;
