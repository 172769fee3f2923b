-- Trackings by the calendar, adaptive intervals, tenants' time zones.

alter table identity.tenant
    -- IANA name: what "daily at two" means to it.
    add column time_zone text not null default 'UTC' check (char_length(time_zone) between 1 and 64),
    -- The language of what is written for it.
    add column locale text not null default 'en' check (locale in ('en', 'zh-Hans', 'zh-Hant'));

alter table catalog.tracking
    -- {cron?, time_zone, windows?}. With a cron expression the interval is how often that comes, on average.
    add column schedule jsonb,
    add column adaptive boolean not null default false,
    -- While stock is low; null: stock changes nothing.
    add column low_stock_seconds integer check (low_stock_seconds > 0),
    -- The shortest interval that the plan allowed when this was chosen.
    add column least_seconds integer not null default 300 check (least_seconds > 0),
    drop constraint tracking_interval_seconds_check,
    add constraint tracking_interval_seconds_check
        check (interval_seconds > 0
               and (coalesce(schedule ? 'cron', false) or interval_seconds between 300 and 604800));

alter table crawl.tracking
    -- Null: the interval says it all. Otherwise {every, spec?, adaptive?, low_stock?}; the interval is then how often
    -- that comes, on average.
    add column cadence jsonb;

alter table crawl.target
    -- What its live trackings ask for together, each only once; null: the interval says it all.
    add column cadences jsonb,
    -- The interval that an adaptive tracking has come to, in seconds; null before the first look.
    add column own_interval integer check (own_interval > 0),
    -- Whether stock was low when it was last seen.
    add column low_stock boolean not null default false;

-- By how much a tenant's adaptive trackings of a source together ask for more than their intervals allow, in
-- thousandths: their own intervals are made longer by it. No row: they do not.
create table crawl.stretch (
    tenant_id uuid not null,
    source    text not null,
    stretch   integer not null check (stretch >= 1000),
    primary key (tenant_id, source)
);
select bw.tenant_table('crawl', 'stretch');
create index tracking_adaptive on crawl.tracking (target_id) where live and cadence ? 'adaptive';
