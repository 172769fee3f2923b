-- catalog: what more sources bring. Descriptions and films; listings of one tenant and how it wants them read; spellings;
-- figures set apart until a second look; hits of monitors; alerts that no tracking's rule raised.

alter table catalog.listing
    add column description text,
    add column videos      jsonb not null default '[]',
    -- How its owner wants it read. A public listing is read for all tenants alike, so nobody chooses there.
    add column strategy    text,
    add constraint listing_strategy check (strategy is null or owner_tenant_id is not null);

-- How a source spells its brands, series and categories: the first spelling seen stays, so that filters do not split.
-- `folded` is the word without case, width and spaces. A tenant's own listings have spellings of their own.
create table catalog.spelling (
    source          text not null,
    owner_tenant_id uuid,
    kind            text not null check (kind in ('brand', 'series', 'category')),
    folded          text not null,
    spelled         text not null,
    constraint spelling_name unique nulls not distinct (source, kind, folded, owner_tenant_id)
);
grant select, insert, update, delete on catalog.spelling to bw_catalog_system;
insert into catalog.spelling (source, owner_tenant_id, kind, folded, spelled)
select distinct on (l.source, l.owner_tenant_id, w.kind, f.folded) l.source, l.owner_tenant_id, w.kind, f.folded, w.spelled
from catalog.listing l
cross join lateral (values ('brand', l.brand), ('series', l.series), ('category', l.category)) as w (kind, spelled)
cross join lateral (select regexp_replace(lower(normalize(w.spelled, NFKC)), '\s+', '', 'g') as folded) f
where w.spelled is not null and f.folded <> '' and octet_length(f.folded) <= 300
order by l.source, l.owner_tenant_id, w.kind, f.folded, l.id;

-- Observations set apart because a figure is too unlikely to be believed at once. At most one a listing is open; what
-- stands there is the newest doubtful look. The open one also stands in the listing's state, where ingest locks it.
alter table catalog.listing_state add column apart jsonb;
create table catalog.quarantine (
    id            uuid primary key,
    listing_id    bigint not null references catalog.listing (id) on delete cascade,
    observed_at   timestamptz not null,
    round         bigint not null,
    currency      text,
    price         bigint,
    list_price    bigint,
    buy_box_price bigint,
    -- For people: what is doubted, and what was known.
    reason        text not null,
    -- How many doubtful looks there were, each unlike the one before.
    looks         integer not null default 1,
    set_apart_at  timestamptz not null,
    resolution    text check (resolution in ('confirmed', 'dismissed')),
    resolved_at   timestamptz,
    constraint quarantine_resolved check ((resolution is null) = (resolved_at is null))
);
create unique index quarantine_open on catalog.quarantine (listing_id) where resolved_at is null;
create index quarantine_listing on catalog.quarantine (listing_id, set_apart_at desc);
create index quarantine_age on catalog.quarantine (resolved_at) where resolved_at is not null;

-- Observations that could not be stored at all, counted by listing, day and kind of reason.
create table catalog.refusal (
    listing_id  bigint not null references catalog.listing (id) on delete cascade,
    day         date not null,
    code        text not null,
    -- Of the newest.
    reason      text not null,
    observed_at timestamptz not null,
    times       integer not null default 1,
    primary key (listing_id, day, code)
);
create index refusal_age on catalog.refusal (day);
grant select, insert, update, delete on catalog.quarantine, catalog.refusal to bw_catalog_system;

-- What monitors found.
create table catalog.monitor_hit (
    tenant_id     uuid not null,
    monitor_id    uuid not null,
    listing_id    bigint not null references catalog.listing (id),
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null,
    -- The tracking that the monitor made by itself. It stays when that ends: what a person ended is not made again.
    tracking_id   uuid,
    primary key (tenant_id, monitor_id, listing_id),
    foreign key (tenant_id, tracking_id) references catalog.tracking (tenant_id, id)
);
create index monitor_hit_listing on catalog.monitor_hit (tenant_id, listing_id);
create index monitor_hit_tracking on catalog.monitor_hit (tenant_id, tracking_id) where tracking_id is not null;
select bw.tenant_table('catalog', 'monitor_hit');

-- A live read with the tenant's own credential showed it: reason enough to keep watching.
alter table catalog.watch add column read_live boolean not null default false;

-- Alerts about what a monitor found or about a whole source belong to no tracking and no rule.
alter table catalog.alert
    alter column tracking_id drop not null,
    alter column rule_id drop not null,
    alter column rule_version drop not null,
    alter column listing_id drop not null,
    alter column change_bp drop not null,
    add column monitor_id uuid,
    add column source     text,
    -- The part of the source, such as a web page's host; null: the whole.
    add column scope      text,
    -- For people, where figures do not say it.
    add column message    text,
    add constraint alert_subject check (
        case
            when kind = 'new_listing' then monitor_id is not null and listing_id is not null
            when kind in ('source_trouble', 'source_recovered') then source is not null
            else tracking_id is not null and rule_id is not null and rule_version is not null
                 and listing_id is not null and change_bp is not null
        end);
create unique index alert_new_listing on catalog.alert (tenant_id, monitor_id, listing_id) where kind = 'new_listing';
create unique index alert_source on catalog.alert (tenant_id, source, scope, kind, occurred_at) nulls not distinct
    where kind in ('source_trouble', 'source_recovered');

-- As before, with the new columns. A listing with an owner is shown to nobody else, whatever watches there are.
create or replace view catalog.product as
select w.tenant_id, w.listing_id as id, w.created_at as watched_at,
       l.source, l.marketplace, l.external_id, l.parent_id, l.url, l.title, l.brand, l.series, l.category, l.images,
       l.features, l.attributes, l.is_new, l.is_limited, l.is_pre_order, l.is_blind_box, l.search_text,
       s.version as state_version, s.observed_at, s.changed_at, s.offer, s.currency, s.price, s.list_price,
       s.buy_box_price, s.buy_box_seller, s.availability, s.in_stock, s.stock_quantity, s.rank, s.ranks,
       s.rating_hundredths, s.review_count, s.known_price, s.known_currency, s.known_rank,
       s.price_change_bp, s.rank_change_bp,
       t.id as tracking_id,
       s.known_rating_hundredths, s.known_review_count,
       l.description, l.videos, l.strategy, l.owner_tenant_id, l.content_at, w.read_live
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.listing_state s on s.listing_id = w.listing_id
left join catalog.tracking t on t.tenant_id = w.tenant_id and t.listing_id = w.listing_id and t.deleted_at is null
where w.tenant_id = bw.current_tenant();

create or replace view catalog.product_history as
select h.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.history h on h.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();

-- The ledger of watched listings.
create view catalog.product_quarantine as
select q.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.quarantine q on q.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
create view catalog.product_refusal as
select r.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.refusal r on r.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
grant select on catalog.product_quarantine, catalog.product_refusal to bw_catalog_api;

-- Finds or makes listings, public ones or those of the current tenant; ids in the order of the names, each name once.
drop function catalog.resolve_listing;
create function catalog.resolve_listings(in_sources text[], in_marketplaces text[], in_external_ids text[],
                                         in_urls text[], in_owned boolean[])
    returns table (place bigint, listing_id bigint)
    language plpgsql security definer set search_path = pg_catalog
    as $$
#variable_conflict use_column
begin
    if bw.current_tenant() is null then
        raise exception 'listings are resolved for a tenant';
    end if;
    with made as (
        insert into catalog.listing (source, marketplace, external_id, url, owner_tenant_id)
        select n.source, n.marketplace, n.external_id, n.url, case when n.owned then bw.current_tenant() end
        from unnest(in_sources, in_marketplaces, in_external_ids, in_urls, in_owned)
             as n (source, marketplace, external_id, url, owned)
        where not exists (
            select from catalog.listing l
            where l.source = n.source and l.marketplace = n.marketplace and l.external_id = n.external_id
              and l.owner_tenant_id is not distinct from case when n.owned then bw.current_tenant() end)
        -- In one order everywhere: two that make the same listings wait for each other and never across.
        order by n.source, n.marketplace, n.external_id
        on conflict on constraint listing_name do nothing
        returning id)
    insert into catalog.listing_state (listing_id) select id from made;
    -- A statement of its own: it sees what somebody else made meanwhile.
    return query
        select n.place, l.id
        from unnest(in_sources, in_marketplaces, in_external_ids, in_owned) with ordinality
             as n (source, marketplace, external_id, owned, place)
        join catalog.listing l on l.source = n.source and l.marketplace = n.marketplace
             and l.external_id = n.external_id
             and l.owner_tenant_id is not distinct from case when n.owned then bw.current_tenant() end;
end $$;
revoke execute on function catalog.resolve_listings from public;
grant execute on function catalog.resolve_listings to bw_catalog_api;

-- The tenant's own listing of that name if it tracks one: what a person chose is remembered.
create function catalog.own_tracked_listing(in_source text, in_marketplace text, in_external_id text) returns bigint
    language sql stable security definer set search_path = pg_catalog
    as $$
    select l.id from catalog.listing l
    where l.source = in_source and l.marketplace = in_marketplace and l.external_id = in_external_id
      and l.owner_tenant_id = bw.current_tenant()
      and exists (select from catalog.tracking t
                  where t.tenant_id = l.owner_tenant_id and t.listing_id = l.id and t.deleted_at is null)
    $$;
revoke execute on function catalog.own_tracked_listing from public;
grant execute on function catalog.own_tracked_listing to bw_catalog_api;

-- Notes how the owner wants a listing read; false when it is not the current tenant's own.
create function catalog.choose_strategy(in_listing_id bigint, in_strategy text) returns boolean
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    update catalog.listing set strategy = in_strategy
    where id = in_listing_id and owner_tenant_id = bw.current_tenant();
    return found;
end $$;
revoke execute on function catalog.choose_strategy from public;
grant execute on function catalog.choose_strategy to bw_catalog_api;

-- Variants of watched parents, so that new watches see those that are known already.
drop function catalog.watch_variants;
create function catalog.watch_variants(in_parent_ids bigint[]) returns void
    language sql security definer set search_path = pg_catalog
    as $$
    insert into catalog.watch (tenant_id, listing_id)
    select bw.current_tenant(), v.id
    from catalog.listing v
    where v.parent_id = any(in_parent_ids) and bw.current_tenant() is not null
      and (v.owner_tenant_id is null or v.owner_tenant_id = bw.current_tenant())
      and not exists (select from catalog.watch known
                      where known.tenant_id = bw.current_tenant() and known.listing_id = v.id)
    order by v.id
    on conflict do nothing
    $$;
revoke execute on function catalog.watch_variants from public;
grant execute on function catalog.watch_variants to bw_catalog_api;

-- Holds one family, as before; many families go on side by side, but not while all of them are held.
create or replace function catalog.hold_family(in_listing_id bigint) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    parent bigint;
begin
    select coalesce(parent_id, id) into parent from catalog.listing where id = in_listing_id;
    perform pg_advisory_xact_lock_shared(hashtextextended('all watches ' || bw.current_tenant(), 0));
    perform pg_advisory_xact_lock(hashtextextended('watches ' || bw.current_tenant() || ' ' || parent, 0));
    perform 1 from catalog.listing where id = parent for key share;
end $$;

-- Holds all watches of the current tenant for the rest of the transaction: for changes of many families at once.
create function catalog.hold_watches() returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('all watches ' || bw.current_tenant(), 0));
end $$;
revoke execute on function catalog.hold_watches from public;
grant execute on function catalog.hold_watches to bw_catalog_api;

-- Raises `new_listing` for hits of a monitor, once each; returns those that are new. Requests cannot write alerts.
create function catalog.raise_new_listings(in_ids uuid[], in_listing_ids bigint[], in_after jsonb[], in_monitor_id uuid,
                                           in_message text, in_at timestamptz)
    returns setof catalog.alert
    language sql security definer set search_path = pg_catalog
    as $$
    insert into catalog.alert (tenant_id, id, listing_id, kind, severity, before, after, occurred_at, monitor_id, message)
    select bw.current_tenant(), n.id, n.listing_id, 'new_listing', 'info', 'null',
           n.after, in_at, in_monitor_id, in_message
    from unnest(in_ids, in_listing_ids, in_after) as n (id, listing_id, after)
    join catalog.monitor_hit h on h.tenant_id = bw.current_tenant() and h.monitor_id = in_monitor_id
         and h.listing_id = n.listing_id
    order by n.listing_id
    on conflict (tenant_id, monitor_id, listing_id) where kind = 'new_listing' do nothing
    returning *
    $$;
revoke execute on function catalog.raise_new_listings from public;
grant execute on function catalog.raise_new_listings to bw_catalog_api;
