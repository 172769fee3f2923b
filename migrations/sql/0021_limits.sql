-- catalog: how much of its plan a tenant uses.

-- Places that live trackings take, kept by the triggers below in the transaction that takes or frees them. Whoever makes
-- trackings holds the row first, so of several at once nobody gets more than the plan has.
create table catalog.usage (
    tenant_id        uuid primary key,
    tracked_products integer not null default 0 check (tracked_products >= 0),
    -- The last warning: how much of what was used, in percent, and when its period began.
    told_percent     smallint not null default 0,
    told_allowed     bigint not null default 0,
    told_period      date
);

-- What is there already. For the count alone: its owner is bound by the tenants' policies, too.
alter table catalog.tracking no force row level security;
insert into catalog.usage (tenant_id, tracked_products)
select tenant_id, count(*) from catalog.tracking where deleted_at is null group by tenant_id;
alter table catalog.tracking force row level security;
select bw.tenant_table('catalog', 'usage');

create function catalog.count_trackings() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    if tg_op = 'INSERT' then
        insert into catalog.usage as u (tenant_id, tracked_products)
        select f.tenant_id, count(*) from fresh f where f.deleted_at is null group by f.tenant_id order by f.tenant_id
        on conflict (tenant_id) do update set tracked_products = u.tracked_products + excluded.tracked_products;
    elsif tg_op = 'DELETE' then
        update catalog.usage u set tracked_products = u.tracked_products - d.gone
        from (select tenant_id, count(*) as gone from gone where deleted_at is null group by tenant_id) d
        where u.tenant_id = d.tenant_id;
    else
        update catalog.usage u set tracked_products = u.tracked_products + d.more
        from (select c.tenant_id, sum(c.one) as more
              from (select tenant_id, 1 as one from fresh where deleted_at is null
                    union all
                    select tenant_id, -1 from gone where deleted_at is null) c
              group by c.tenant_id having sum(c.one) <> 0) d
        where u.tenant_id = d.tenant_id;
    end if;
    return null;
end $$;
create trigger usage_made after insert on catalog.tracking
    referencing new table as fresh for each statement execute function catalog.count_trackings();
create trigger usage_changed after update on catalog.tracking
    referencing old table as gone new table as fresh for each statement execute function catalog.count_trackings();
create trigger usage_erased after delete on catalog.tracking
    referencing old table as gone for each statement execute function catalog.count_trackings();

-- What a tenant's texts cost, by UTC month.
create table catalog.llm_use (
    tenant_id uuid not null,
    month     date not null,
    tokens    bigint not null check (tokens >= 0),
    primary key (tenant_id, month)
);
select bw.tenant_table('catalog', 'llm_use');

-- crawl: fetches a day, and what paid sources cost a month.

-- Fetches that a tenant paid for, by UTC day.
create table crawl.day_use (
    tenant_id    uuid not null,
    day          date not null,
    crawls       bigint not null default 0 check (crawls >= 0),
    -- The last warning about them: how much was used, in percent, and of how much.
    told_percent smallint not null default 0,
    told_allowed bigint not null default 0,
    primary key (tenant_id, day)
);
select bw.tenant_table('crawl', 'day_use');
revoke insert, update, delete on crawl.day_use from bw_crawl_api;
grant update (told_percent, told_allowed) on crawl.day_use to bw_crawl_api;

-- The last warning about a month's spend, which stands in crawl.spend.
create table crawl.month_told (
    tenant_id    uuid not null,
    month        date not null,
    told_percent smallint not null,
    told_allowed bigint not null,
    primary key (tenant_id, month)
);
select bw.tenant_table('crawl', 'month_told');
revoke insert, update, delete on crawl.month_told from bw_crawl_api;

alter table crawl.target
    -- The newest round that somebody's plan was charged for: tries and lost leases of a round cost nothing more.
    add column charged_round bigint not null default 0,
    -- What of their plans those that track it have used up, while it waits for the next day or month.
    add column waits_for text check (waits_for in ('crawls_per_day', 'source_spend_cents_per_month'));
create index target_waits on crawl.target (payer_id) where waits_for is not null;

-- Why not all hits of the run under way are tracked.
alter table crawl.monitor add column run_note text;

-- Charges the transaction's tenant for what a crawl of its own made due, as far as nobody was charged for it, if its plan
-- allows all of that; otherwise for nothing. Its targets are locked by whoever made them due. Definer, because the api
-- login has no grant on targets and counters; the tenant's policies hold for the definer too.
create function crawl.charge_asked(of_crawl uuid, on_day date, allowed bigint)
    returns table (wanted bigint, used bigint, granted boolean, told_percent smallint, told_allowed bigint)
    language plpgsql security definer set search_path = pg_catalog
    as $$
#variable_conflict use_column
declare
    tenant uuid := bw.current_tenant();
    ids bigint[];
    count bigint;
    before crawl.day_use;
    fits boolean;
begin
    select array_agg(c.target_id) into ids
    from crawl.crawl_target c join crawl.target g on g.id = c.target_id
    where c.tenant_id = tenant and c.crawl_id = of_crawl and c.outcome is null and g.charged_round < g.round;
    count := coalesce(cardinality(ids), 0);
    insert into crawl.day_use (tenant_id, day) values (tenant, on_day) on conflict do nothing;
    select * into before from crawl.day_use d where d.tenant_id = tenant and d.day = on_day for update;
    fits := count = 0 or before.crawls + count <= allowed;
    if fits and count > 0 then
        update crawl.day_use d set crawls = d.crawls + count where d.tenant_id = tenant and d.day = on_day;
        update crawl.target g set charged_round = g.round, waits_for = null where g.id = any (ids);
    end if;
    return query select count, before.crawls, fits, before.told_percent, before.told_allowed;
end $$;
revoke execute on function crawl.charge_asked from public;
grant execute on function crawl.charge_asked to bw_crawl_api;
