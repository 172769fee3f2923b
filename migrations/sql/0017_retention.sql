-- catalog: what becomes of history when it is old. Looks are kept for a time, by the month; what a day's looks come to is
-- kept for longer, by listing and day, and told in their place when they are gone.

-- History has an owner of its own: see roles.rs. bw_owner is a member of it, so views and functions go on as before.
grant usage, create on schema catalog to bw_history;
alter table catalog.history owner to bw_history;
do $$
declare
    part record;
begin
    for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'catalog.history'::regclass
    loop
        execute format('alter table catalog.%I owner to bw_history', part.relname);
    end loop;
end $$;

-- As before, but for months that come and go: one that is just being dropped is made again only when it has gone.
create or replace function catalog.ensure_history_months(first_month date, last_month date) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    month date := date_trunc('month', first_month);
    name text;
    part regclass;
begin
    if first_month < date '2000-01-01' or last_month > current_date + 400 or last_month < first_month then
        raise exception 'not a history range: % %', first_month, last_month;
    end if;
    perform pg_advisory_xact_lock(hashtext('history partitions'));
    while month <= last_month loop
        name := 'history_' || to_char(month, 'YYYYMM');
        part := to_regclass(format('catalog.%I', name));
        if part is null then
            -- Made apart and attached: that lets ingest go on, while PARTITION OF would stop it.
            execute format('create table catalog.%I (like catalog.history including all)', name);
            execute format('alter table catalog.history attach partition catalog.%I for values from (%L) to (%L)',
                name, month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
        elsif not exists (select from pg_inherits i
                          where i.inhparent = 'catalog.history'::regclass and i.inhrelid = part
                            and not i.inhdetachpending) then
            raise exception 'history of % is being dropped; try again in a moment', to_char(month, 'YYYY-MM')
                using errcode = 'object_in_use';
        end if;
        month := (month + interval '1 month')::date;
    end loop;
end $$;
alter function catalog.ensure_history_months owner to bw_history;

-- What the looks at a listing in one UTC day come to.
create table catalog.history_day (
    listing_id bigint not null,
    day        date not null,
    looks      integer not null,
    first_at   timestamptz not null,
    last_at    timestamptz not null,
    primary key (listing_id, day)
);

-- One figure over one UTC day, as the day's own looks tell it: nothing of the day before reaches into it.
create table catalog.history_bar (
    listing_id bigint not null,
    -- domain Series: 0 price, 1 list price, 2 buy box, 3 rank, 4 rating, 5 reviews, 6 quantity, 7 whether it could be
    -- bought (1; a gap where not).
    metric     smallint not null,
    day        date not null,
    -- Of amounts; those in another currency are gaps.
    currency   text,
    -- Null: the day began, or ended, in a gap; or was one.
    open       bigint,
    high       bigint,
    low        bigint,
    close      bigint,
    -- Where the figure became another one, and which (null: a gap): all such points, or those that matter most.
    times      timestamptz[] not null,
    figures    bigint[] not null,
    -- The last look that knew it.
    last_at    timestamptz not null,
    -- How many such points there were.
    steps      integer not null,
    -- Between the first and the last point: the time-weighted average, and the time of gaps in microseconds. Of metric 7
    -- that is the time out of stock.
    average    bigint,
    gap_us     bigint not null,
    primary key (listing_id, metric, day)
);

-- Days whose looks are others than when the day was reckoned. Only ever appended to by ingest, so that it waits for
-- nobody; a day may stand here more than once.
create table catalog.history_mark (
    id         bigint generated always as identity primary key,
    listing_id bigint not null,
    day        date not null
);

create table catalog.history_kept (
    one          boolean primary key default true check (one),
    -- Days before this one are reckoned, but for those that are marked.
    closed_until date not null,
    -- Looks before this instant may be gone: what lies before is told by the day. Null: all are there.
    raw_from     timestamptz
);
insert into catalog.history_kept (closed_until)
select coalesce(min(to_date(right(c.relname, 6), 'YYYYMM')), current_date)
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'catalog.history'::regclass;

grant select, insert, update, delete on catalog.history_day, catalog.history_bar, catalog.history_mark
    to bw_catalog_system;
grant select, update on catalog.history_kept to bw_catalog_system;

create view catalog.product_day as
select d.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.history_day d on d.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
create view catalog.product_bar as
select b.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.history_bar b on b.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
-- From when on looks are there: for whoever watches anything.
create view catalog.product_kept as
select k.raw_from from catalog.history_kept k
where exists (select from catalog.watch w where w.tenant_id = bw.current_tenant());
grant select on catalog.product_day, catalog.product_bar, catalog.product_kept to bw_catalog_api;
