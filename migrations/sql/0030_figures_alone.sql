-- catalog: figures go on the shelf without the words beside them. Nearly all that changes are figures; with them the
-- listing was read, its title folded and every column compared.

-- Whether what the listing says is behind, too, and not its figures alone.
alter table catalog.shelf_behind add column words boolean not null default true;

-- Puts the figures of listings on the shelf as they now are. Their rows are there: a listing is shelved when it is made.
create function catalog.shelve_figures(in_listing_ids bigint[]) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    -- Held first and read after, as in catalog.shelve.
    perform 1 from catalog.shelf where listing_id = any(in_listing_ids) order by listing_id for update;
    update catalog.shelf s
    set (in_stock, price, rank, rating, review_count, price_change, changed_at)
      = (n.in_stock, case when n.offer <> 2 then n.compared_price end, n.known_rank, n.known_rating_hundredths,
         n.known_review_count, n.price_change_bp, n.changed_at)
    from catalog.listing_state n
    where n.listing_id = any(in_listing_ids) and s.listing_id = n.listing_id
      and (s.in_stock, s.price, s.rank, s.rating, s.review_count, s.price_change, s.changed_at)
          is distinct from
          (n.in_stock, case when n.offer <> 2 then n.compared_price end, n.known_rank, n.known_rating_hundredths,
           n.known_review_count, n.price_change_bp, n.changed_at);
end $$;
revoke execute on function catalog.shelve_figures from public;
grant execute on function catalog.shelve_figures to bw_catalog_system;

-- As before, each by what is behind.
create or replace function catalog.catch_up_shelf(in_most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    told bigint[];
    figures bigint[];
begin
    with taken as (
        delete from catalog.shelf_behind
        where ctid = any(array(select ctid from catalog.shelf_behind limit in_most for update skip locked))
        returning listing_id, words)
    select array_agg(distinct listing_id order by listing_id) filter (where words),
           array_agg(distinct listing_id order by listing_id) filter (where not words)
    into told, figures from taken;
    if told is not null and figures is not null then
        -- In one order, whoever else shelves some of both.
        perform 1 from catalog.shelf where listing_id = any(told || figures) order by listing_id for update;
    end if;
    if told is not null then
        perform catalog.shelve(told);
    end if;
    if figures is not null then
        perform catalog.shelve_figures(figures);
    end if;
    return coalesce(cardinality(told), 0) + coalesce(cardinality(figures), 0);
end $$;

-- As before, each by what changed.
create or replace function catalog.on_listing_changed() returns trigger
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    words constant boolean := tg_op = 'INSERT' or tg_relid = 'catalog.listing'::regclass;
    ids bigint[];
begin
    if tg_relid = 'catalog.listing'::regclass then
        ids := array(select id from changed order by id);
    else
        ids := array(select listing_id from changed order by listing_id);
    end if;
    if cardinality(ids) = 0 then
        return null;
    end if;
    if words then
        perform catalog.write_search_text(ids);
    end if;
    if cardinality(ids) > 100 and tg_op <> 'INSERT' then
        insert into catalog.shelf_behind (listing_id, words) select unnest(ids), words;
    elsif words then
        perform catalog.shelve(ids);
    else
        perform catalog.shelve_figures(ids);
    end if;
    if tg_op = 'UPDATE' then
        perform catalog.tell_changed(ids);
    end if;
    return null;
end $$;
