-- catalog: rating and number of reviews stay known when a crawl could not learn them, as price and rank do.
-- And no outbox day is dropped while an event of it waits to be published.

alter table catalog.listing_state
    add column known_rating_hundredths integer,
    add column known_review_count      integer;
update catalog.listing_state s
set known_rating_hundredths = (
        select h.rating_hundredths from catalog.history h
        where h.listing_id = s.listing_id and h."full" and h.rating_hundredths is not null
        order by h.observed_at desc limit 1),
    known_review_count = (
        select h.review_count from catalog.history h
        where h.listing_id = s.listing_id and h."full" and h.review_count is not null
        order by h.observed_at desc limit 1)
where s.observed_at is not null;

create or replace view catalog.product as
select w.tenant_id, w.listing_id as id, w.created_at as watched_at,
       l.source, l.marketplace, l.external_id, l.parent_id, l.url, l.title, l.brand, l.series, l.category, l.images,
       l.features, l.attributes, l.is_new, l.is_limited, l.is_pre_order, l.is_blind_box, l.search_text,
       s.version as state_version, s.observed_at, s.changed_at, s.offer, s.currency, s.price, s.list_price,
       s.buy_box_price, s.buy_box_seller, s.availability, s.in_stock, s.stock_quantity, s.rank, s.ranks,
       s.rating_hundredths, s.review_count, s.known_price, s.known_currency, s.known_rank,
       s.price_change_bp, s.rank_change_bp,
       t.id as tracking_id,
       s.known_rating_hundredths, s.known_review_count
from catalog.watch w
join catalog.listing l on l.id = w.listing_id
join catalog.listing_state s on s.listing_id = w.listing_id
left join catalog.tracking t on t.tenant_id = w.tenant_id and t.listing_id = w.listing_id and t.deleted_at is null
where w.tenant_id = bw.current_tenant();

-- Drops days older than the event log's 72 hours. A day with unpublished events waits: with the broker away for a
-- weekend, what was tracked meanwhile must still reach the crawler.
create or replace function bw.drop_outbox_days(schema_name text, before_day date) returns integer
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    old record;
    waiting boolean;
    dropped integer := 0;
begin
    if schema_name not in ('identity', 'crawl', 'catalog') or before_day > current_date - 3 then
        raise exception 'not an outbox range: % %', schema_name, before_day;
    end if;
    for old in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = format('%I.outbox', schema_name)::regclass
          and c.relname < 'outbox_' || to_char(before_day, 'YYYYMMDD')
    loop
        execute format('select exists (select from %I.%I where sequence is null)', schema_name, old.relname)
            into waiting;
        if not waiting then
            execute format('drop table %I.%I', schema_name, old.relname);
            dropped := dropped + 1;
        end if;
    end loop;
    return dropped;
end $$;
