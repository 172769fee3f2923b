-- crawl: syncs of catalogues, and the log of them, of live reads and of crawls that people start.

create table crawl.sync (
    tenant_id    uuid not null,
    id           uuid not null,
    -- What is read; manual: a crawl that a person started.
    kind         text not null check (kind in ('products', 'prices', 'stock', 'order', 'logistics', 'manual')),
    -- Null: a crawl over several sources.
    source       text,
    marketplace  text,
    -- Null: no sync of a catalogue.
    mode         text check (mode in ('full', 'incremental')),
    trigger      text not null check (trigger in ('first_run', 'credentials_changed', 'integrity_failed', 'periodic',
                                                  'changed_price', 'low_stock', 'on_demand')),
    status       text not null default 'pending'
                 check (status in ('pending', 'processing', 'success', 'failed', 'partial')),
    -- choosing: what to read is not known yet; listing: its searches run; listed: to be crawled; crawling; done.
    phase        text not null check (phase in ('choosing', 'listing', 'listed', 'crawling', 'done')),
    codes        text[] not null default '{}',
    category     text,
    brand        text,
    -- Who is at choosing or starting, until then.
    claimed_until timestamptz,
    crawl_id     uuid,
    -- Codes listed or chosen; success + failed are those that ended. Of a crawl under way its own counts are the truth.
    total        integer not null default 0,
    success      integer not null default 0,
    failed       integer not null default 0,
    message      text not null default '',
    started_at   timestamptz not null,
    completed_at timestamptz,
    traceparent  text,
    primary key (tenant_id, id),
    foreign key (tenant_id, crawl_id) references crawl.crawl (tenant_id, id) on delete set null (crawl_id),
    check ((completed_at is null) = (status in ('pending', 'processing')))
);
-- One sync of a tenant and source at a time.
create unique index sync_alone on crawl.sync (tenant_id, source) where mode is not null and completed_at is null;
create index sync_work on crawl.sync (id) where phase in ('choosing', 'listed');
create index sync_crawl on crawl.sync (tenant_id, crawl_id) where crawl_id is not null;
create index sync_open on crawl.sync (tenant_id, id) where completed_at is null;
create index sync_over on crawl.sync (completed_at) where completed_at is not null;
create index sync_latest on crawl.sync (tenant_id, source, mode, completed_at desc) where mode is not null;
select bw.tenant_table('crawl', 'sync');

-- The codes of a sync. Those that ended well are left out once it is over.
create table crawl.sync_item (
    tenant_id   uuid not null,
    sync_id     uuid not null,
    marketplace text not null,
    code        text not null,
    -- Null: core took no listing of this name, or a search failed; then outcome and reason say why.
    listing_id  bigint,
    url         text not null default '',
    -- It was crawled before: not found now, something is wrong with what is known.
    known       boolean not null default false,
    outcome     text,
    reason      text,
    primary key (tenant_id, sync_id, marketplace, code),
    foreign key (tenant_id, sync_id) references crawl.sync (tenant_id, id) on delete cascade
);
select bw.tenant_table('crawl', 'sync_item');

-- A search that lists a catalogue: hidden from people, it runs when a sync asks for it.
alter table crawl.monitor
    -- The sync that waits for its run.
    add column sync_id uuid,
    drop constraint monitor_hits_limit_check,
    add constraint monitor_hits_limit_check check (hits_limit between 1 and 500 or (origin = 'catalogue' and hits_limit <= 10000)),
    drop constraint monitor_origin_check,
    add constraint monitor_origin_check check (origin in ('person', 'round', 'catalogue'));
create unique index monitor_catalogue on crawl.monitor
    (tenant_id, source, marketplace, kind, term, coalesce(category, '')) where origin = 'catalogue' and deleted_at is null;
create index monitor_sync on crawl.monitor (tenant_id, sync_id) where sync_id is not null;

-- Nobody tracks it, but it is fetched once, for a sync.
alter table crawl.target add column once boolean not null default false;

-- Listings of a source that a tenant watches, with what a sync chooses by.
create view catalog.watched_figure with (security_barrier) as
select w.tenant_id, w.listing_id, l.source, l.marketplace, l.external_id, l.url, l.category, l.brand,
       s.in_stock, s.stock_quantity, s.price_changed_at
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.listing_state s on s.listing_id = w.listing_id
where w.tenant_id = (select bw.current_tenant()) and l.parent_id is null;
grant select on catalog.watched_figure to bw_catalog_api;
