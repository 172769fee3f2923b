-- catalog: listings, history, watches, trackings, alerts, events. Owner service: core-service.

create table catalog.listing (
    id              bigint generated always as identity primary key,
    source          text not null,
    marketplace     text not null check (marketplace ~ '^[A-Z]{2}$'),
    external_id     text not null,
    -- Null: public, crawled once for all. Set: read with that tenant's own credentials.
    owner_tenant_id uuid,
    parent_id       bigint references catalog.listing (id),
    url             text not null,
    title           text,
    brand           text,
    series          text,
    category        text,
    images          jsonb not null default '[]',
    features        jsonb not null default '[]',
    attributes      jsonb not null default '{}',
    is_new          boolean not null default false,
    is_limited      boolean not null default false,
    is_pre_order    boolean not null default false,
    is_blind_box    boolean not null default false,
    content_at      timestamptz,
    created_at      timestamptz not null default now(),
    search_text     text generated always as (
        lower(coalesce(title, '') || ' ' || coalesce(brand, '') || ' ' || coalesce(series, '') || ' ' || external_id)
    ) stored,
    constraint listing_name unique nulls not distinct (source, marketplace, external_id, owner_tenant_id)
);
create index listing_search on catalog.listing using gin (search_text bw.gin_trgm_ops);
create index listing_parent on catalog.listing (parent_id) where parent_id is not null;
create index listing_brand on catalog.listing (brand) where brand is not null;

-- The newest of each listing: what pages show and what the next observation is compared with. Every listing has its
-- row from the beginning (observed_at null: nothing seen yet), so that ingest has something to lock.
create table catalog.listing_state (
    listing_id        bigint primary key references catalog.listing (id) on delete cascade,
    -- Grows whenever the newest observation is another one than before.
    version           bigint not null default 0,
    -- The last crawl rounds accepted: of the listing's own target, and of its parent's (a variant may be both).
    last_round        bigint not null default 0,
    last_parent_round bigint not null default 0,
    observed_at       timestamptz,
    changed_at        timestamptz,
    -- domain Offer: 0 not collected, 1 offered, 2 none.
    offer             smallint not null default 0,
    currency          text,
    price             bigint,
    list_price        bigint,
    buy_box_price     bigint,
    buy_box_seller    text,
    availability      text not null default 'unknown',
    in_stock          boolean,
    stock_quantity    integer,
    rank              integer,
    ranks             jsonb not null default '[]',
    rating_hundredths integer,
    review_count      integer,
    -- The last values really seen: what stays shown when a crawl could not learn them.
    known_price       bigint,
    known_currency    text,
    known_rank        integer,
    -- The move at the last point where the metric changed, and that point.
    price_change_bp   bigint,
    price_changed_at  timestamptz,
    rank_change_bp    bigint,
    rank_changed_at   timestamptz
) with (fillfactor = 80);

-- Every accepted instant. `full` is false where the values equal the row before; then they are null here.
create table catalog.history (
    listing_id        bigint not null,
    observed_at       timestamptz not null,
    "full"            boolean not null,
    origin            smallint not null,
    offer             smallint,
    currency          text,
    price             bigint,
    list_price        bigint,
    buy_box_price     bigint,
    buy_box_seller    text,
    availability      text,
    in_stock          boolean,
    stock_quantity    integer,
    rank              integer,
    ranks             jsonb,
    rating_hundredths integer,
    review_count      integer,
    primary key (listing_id, observed_at)
) partition by range (observed_at);

-- Makes the months' partitions, imported past included; safe to call by several at once.
create function catalog.ensure_history_months(first_month date, last_month date) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    month date := date_trunc('month', first_month);
    name text;
begin
    if first_month < date '2000-01-01' or last_month > current_date + 400 or last_month < first_month then
        raise exception 'not a history range: % %', first_month, last_month;
    end if;
    perform pg_advisory_xact_lock(hashtext('history partitions'));
    while month <= last_month loop
        name := 'history_' || to_char(month, 'YYYYMM');
        if to_regclass(format('catalog.%I', name)) is null then
            -- Made apart and attached: that lets ingest go on, while PARTITION OF would stop it.
            execute format('create table catalog.%I (like catalog.history including all)', name);
            execute format('alter table catalog.history attach partition catalog.%I for values from (%L) to (%L)',
                name, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
        end if;
        month := (month + interval '1 month')::date;
    end loop;
end $$;
revoke execute on function catalog.ensure_history_months from public;
grant execute on function catalog.ensure_history_months to bw_catalog_system;
select catalog.ensure_history_months((current_date - interval '3 months')::date, (current_date + interval '3 months')::date);

-- Why a tenant may see a listing. Without a row here the listing does not exist for that tenant.
create table catalog.watch (
    tenant_id  uuid not null,
    listing_id bigint not null references catalog.listing (id),
    created_at timestamptz not null default now(),
    primary key (tenant_id, listing_id)
);
create index watch_listing on catalog.watch (listing_id);
create index watch_recent on catalog.watch (tenant_id, created_at desc, listing_id desc);

create table catalog.tracking (
    tenant_id        uuid not null,
    id               uuid not null,
    listing_id       bigint not null references catalog.listing (id),
    interval_seconds integer not null check (interval_seconds between 300 and 604800),
    tags             text[] not null default '{}',
    status           text not null default 'active' check (status in ('active', 'paused')),
    version          bigint not null default 1,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    deleted_at       timestamptz,
    primary key (tenant_id, id)
);
create unique index tracking_listing on catalog.tracking (tenant_id, listing_id) where deleted_at is null;
create index tracking_by_listing on catalog.tracking (listing_id) where deleted_at is null;
create index tracking_recent on catalog.tracking (tenant_id, created_at desc, id desc) where deleted_at is null;

-- Null tracking_id: for all the tenant's trackings; a tracking's own rule of the same kind takes its place.
create table catalog.alert_rule (
    tenant_id    uuid not null,
    id           uuid not null,
    tracking_id  uuid,
    version      integer not null default 1,
    kind         text not null,
    threshold_bp bigint not null check (threshold_bp between 1 and 100000),
    enabled      boolean not null default true,
    created_at   timestamptz not null default now(),
    deleted_at   timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, tracking_id) references catalog.tracking (tenant_id, id)
);
create unique index alert_rule_scope on catalog.alert_rule (tenant_id, tracking_id, kind) nulls not distinct
    where deleted_at is null;

create table catalog.alert (
    tenant_id       uuid not null,
    id              uuid not null,
    tracking_id     uuid not null,
    listing_id      bigint not null references catalog.listing (id),
    rule_id         uuid not null,
    rule_version    integer not null,
    kind            text not null,
    severity        text not null,
    -- A number, or money as in the API.
    before          jsonb not null,
    after           jsonb not null,
    change_bp       bigint not null,
    occurred_at     timestamptz not null,
    created_at      timestamptz not null default now(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    -- A late observation showed that it should not have fired; what was sent stays sent.
    superseded_at   timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, tracking_id) references catalog.tracking (tenant_id, id),
    foreign key (tenant_id, rule_id) references catalog.alert_rule (tenant_id, id)
);
create unique index alert_once on catalog.alert (tracking_id, rule_id, rule_version, occurred_at);
create index alert_recent on catalog.alert (tenant_id, occurred_at desc, id desc);
create index alert_listing on catalog.alert (tenant_id, listing_id, occurred_at desc);

select bw.tenant_table('catalog', 'watch');
select bw.tenant_table('catalog', 'tracking');
select bw.tenant_table('catalog', 'alert_rule');
select bw.tenant_table('catalog', 'alert');
revoke insert, delete on catalog.alert from bw_catalog_api;

-- Listings, state and history carry no row-level security (it costs the search its index, and COPY is refused
-- there): the api login has no grant on them and reads through the owner-run views below.
grant select, insert, update, delete on catalog.listing, catalog.listing_state, catalog.history to bw_catalog_system;

-- Every listing the tenant watches, with its newest figures and the tenant's tracking.
-- The tenant is compared plainly, not as a sub-select: so the planner knows it and plans for few or many watches.
create view catalog.product as
select w.tenant_id, w.listing_id as id, w.created_at as watched_at,
       l.source, l.marketplace, l.external_id, l.parent_id, l.url, l.title, l.brand, l.series, l.category, l.images,
       l.features, l.attributes, l.is_new, l.is_limited, l.is_pre_order, l.is_blind_box, l.search_text,
       s.version as state_version, s.observed_at, s.changed_at, s.offer, s.currency, s.price, s.list_price,
       s.buy_box_price, s.buy_box_seller, s.availability, s.in_stock, s.stock_quantity, s.rank, s.ranks,
       s.rating_hundredths, s.review_count, s.known_price, s.known_currency, s.known_rank,
       s.price_change_bp, s.rank_change_bp,
       t.id as tracking_id
from catalog.watch w
join catalog.listing l on l.id = w.listing_id
join catalog.listing_state s on s.listing_id = w.listing_id
left join catalog.tracking t on t.tenant_id = w.tenant_id and t.listing_id = w.listing_id and t.deleted_at is null
where w.tenant_id = bw.current_tenant();

-- The history of watched listings; rows with full = false repeat the row before.
create view catalog.product_history as
select h.*
from catalog.watch w
join catalog.history h on h.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
grant select on catalog.product, catalog.product_history to bw_catalog_api;

-- Finds or makes the public listing of that name; the api login cannot see or write listings itself.
create function catalog.resolve_listing(in_source text, in_marketplace text, in_external_id text, in_url text)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    found_id bigint;
begin
    select id into found_id from catalog.listing
    where source = in_source and marketplace = in_marketplace and external_id = in_external_id
      and owner_tenant_id is null;
    if found_id is null then
        with made as (
            insert into catalog.listing (source, marketplace, external_id, url)
            values (in_source, in_marketplace, in_external_id, in_url)
            on conflict on constraint listing_name do nothing
            returning id)
        insert into catalog.listing_state (listing_id) select id from made
        returning listing_id into found_id;
    end if;
    if found_id is null then -- somebody else made it between the two statements
        select id into found_id from catalog.listing
        where source = in_source and marketplace = in_marketplace and external_id = in_external_id
          and owner_tenant_id is null;
    end if;
    return found_id;
end $$;
revoke execute on function catalog.resolve_listing from public;
grant execute on function catalog.resolve_listing to bw_catalog_api, bw_catalog_system;

-- Variants of a watched parent, so that a new tracking sees those that are known already.
create function catalog.watch_variants(in_parent_id bigint) returns void
    language sql security definer set search_path = pg_catalog
    as $$
    insert into catalog.watch (tenant_id, listing_id)
    select bw.current_tenant(), id from catalog.listing
    where parent_id = in_parent_id and bw.current_tenant() is not null
    order by id
    on conflict do nothing
    $$;
revoke execute on function catalog.watch_variants from public;
grant execute on function catalog.watch_variants to bw_catalog_api;

select bw.outbox('catalog');
select bw.idempotency('catalog');
