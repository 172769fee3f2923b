-- catalog: products that are asked for at the same moment are read by one statement.

-- As before, with how popular the listing is: one row by its key instead of a view that joins the watch again.
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
       l.description, l.videos, l.strategy, l.owner_tenant_id, l.content_at, w.read_live,
       p.shown as popularity
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.listing_state s on s.listing_id = w.listing_id
left join catalog.tracking t on t.tenant_id = w.tenant_id and t.listing_id = w.listing_id and t.deleted_at is null
left join catalog.popularity p on p.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
drop view catalog.product_popularity;

-- Products of several tenants; a product as often as it is asked for, and not at all where its tenant does not watch it.
-- Each tenant's are selected while that tenant is named, and under its policies, as if it asked alone. Nobody is named
-- afterwards.
create function catalog.products_of(in_tenant_ids uuid[], in_listing_ids bigint[]) returns setof catalog.product
    language plpgsql set search_path = pg_catalog
    as $$
declare
    asked record;
begin
    for asked in
        select u.tenant_id, array_agg(u.listing_id) as listing_ids
        from unnest(in_tenant_ids, in_listing_ids) as u (tenant_id, listing_id) group by u.tenant_id
    loop
        perform set_config('app.tenant_id', asked.tenant_id::text, true);
        return query select p.* from unnest(asked.listing_ids) as u (id) join catalog.product p on p.id = u.id;
    end loop;
    perform set_config('app.tenant_id', '', true);
end $$;
revoke execute on function catalog.products_of from public;
grant execute on function catalog.products_of to bw_catalog_api;
