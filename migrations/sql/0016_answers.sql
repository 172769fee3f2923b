-- catalog: what lists are found, filtered and sorted by; popularity; the feed that caches live by.

drop index catalog.listing_search;

-- The tokens of a text: its words, and of runs of Han, kana and Hangul, which have no spaces, each character and each
-- pair. Trigrams cannot find one or two characters; these can.
create function catalog.search_tokens(in_text text) returns text[]
    language sql immutable parallel safe
    set search_path = pg_catalog
    as $$
    select coalesce(array_agg(distinct t.token), '{}')
    from (
        select m.run[1] as token
        from regexp_matches(in_text, '[^\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f\u2e80-\u2fdf\u3000-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+', 'g') as m (run)
        union all
        select substr(m.run[1], place, size)
        from regexp_matches(in_text, '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+', 'g') as m (run),
             generate_series(1, length(m.run[1])) as place,
             generate_series(1, 2) as size
        where place + size - 1 <= length(m.run[1])
    ) t
    -- Nobody looks for it, and an index refuses what is too long.
    where length(t.token) <= 100
    $$;

-- What finds a word's text among those tokens: words by their beginning, runs by their pairs. Null without any token.
create function catalog.search_query(in_word text) returns tsquery
    language sql immutable parallel safe
    set search_path = pg_catalog
    as $$
    select string_agg(
               case when t.token ~ '^[\u2e80-\u312f\u31f0-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]'
                    then '''' || t.token || '''' else '''' || t.token || ''':*' end, ' & ')::tsquery
    from unnest(catalog.search_tokens(in_word)) as t (token)
    -- A character within a pair says nothing beyond it, and stands in many more texts.
    where length(t.token) > 1
       or not exists (select from unnest(catalog.search_tokens(in_word)) as o (token)
                      where length(o.token) = 2 and strpos(o.token, t.token) > 0)
    $$;

-- What is searched of each listing, width and case levelled: fullwidth letters are found by plain ones. Apart from the
-- listing, whose rows are wide, and from the shelf, whose rows change with every look.
create table catalog.search_text (
    listing_id  bigint primary key references catalog.listing (id) on delete cascade,
    external_id text not null,
    searched    text not null,
    words       tsvector not null generated always as (array_to_tsvector(catalog.search_tokens(searched))) stored
);
create index search_text_trigrams on catalog.search_text using gin (searched bw.gin_trgm_ops);
create index search_text_words on catalog.search_text using gin (words);

-- What lists filter and sort by, one narrow row a listing, with an index for each order. So the first page of a tenant
-- of hundreds of thousands of watches is read in the order asked for, and that of a small tenant by its watches.
-- It stands apart from the state because there every look is written, which indexes would make several times as dear.
create table catalog.shelf (
    listing_id      bigint primary key references catalog.listing (id) on delete cascade,
    owner_tenant_id uuid,
    parent_id       bigint,
    source          text not null,
    marketplace     text not null,
    brand           text,
    series          text,
    category        text,
    is_new          boolean not null,
    is_limited      boolean not null,
    is_pre_order    boolean not null,
    is_blind_box    boolean not null,
    in_stock        boolean,
    -- As shown: the last one seen, in minor units; null when nobody offers it.
    price           bigint,
    rank            integer,
    rating          integer,
    review_count    integer,
    -- The last move, in hundredths of a percent.
    price_change    bigint,
    changed_at      timestamptz,
    -- Lower case, and only its beginning: what sorts.
    title           text,
    -- Written by whoever reckons it.
    popularity      smallint
) with (fillfactor = 90);
create index shelf_price on catalog.shelf (price, listing_id) where price is not null;
create index shelf_rank on catalog.shelf (rank, listing_id) where rank is not null;
create index shelf_rating on catalog.shelf (rating, listing_id) where rating is not null;
create index shelf_review_count on catalog.shelf (review_count, listing_id) where review_count is not null;
create index shelf_price_change on catalog.shelf (price_change, listing_id) where price_change is not null;
create index shelf_changed_at on catalog.shelf (changed_at, listing_id) where changed_at is not null;
create index shelf_popularity on catalog.shelf (popularity, listing_id) where popularity is not null;
create index shelf_title on catalog.shelf (title collate "C", listing_id) where title is not null;
create index shelf_brand on catalog.shelf (brand) where brand is not null;
create index shelf_series on catalog.shelf (series) where series is not null;
create index shelf_parent on catalog.shelf (parent_id) where parent_id is not null;

-- Listings whose row on the shelf is behind: many changed at once. A process brings them up to date within a second.
create table catalog.shelf_behind (
    listing_id bigint not null
);
grant select, insert, update, delete on catalog.search_text, catalog.shelf, catalog.shelf_behind to bw_catalog_system;

-- Puts listings on the shelf as they now are.
create function catalog.shelve(in_listing_ids bigint[]) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    -- Held first and read after: of two that shelve the same listing the later one sees what the earlier one saw.
    perform 1 from catalog.shelf where listing_id = any(in_listing_ids) order by listing_id for update;
    insert into catalog.shelf as s (listing_id, owner_tenant_id, parent_id, source, marketplace, brand, series, category,
                                    is_new, is_limited, is_pre_order, is_blind_box, in_stock, price, rank, rating,
                                    review_count, price_change, changed_at, title)
    select l.id, l.owner_tenant_id, l.parent_id, l.source, l.marketplace, l.brand, l.series, l.category,
           l.is_new, l.is_limited, l.is_pre_order, l.is_blind_box, n.in_stock,
           case when n.offer <> 2 then n.known_price end, n.known_rank, n.known_rating_hundredths,
           n.known_review_count, n.price_change_bp, n.changed_at, left(lower(normalize(l.title, NFKC)), 200)
    from catalog.listing l
    join catalog.listing_state n on n.listing_id = l.id
    where l.id = any(in_listing_ids)
    order by l.id
    on conflict (listing_id) do update
    set (parent_id, brand, series, category, is_new, is_limited, is_pre_order, is_blind_box, in_stock, price, rank,
         rating, review_count, price_change, changed_at, title)
      = (excluded.parent_id, excluded.brand, excluded.series, excluded.category, excluded.is_new, excluded.is_limited,
         excluded.is_pre_order, excluded.is_blind_box, excluded.in_stock, excluded.price, excluded.rank,
         excluded.rating, excluded.review_count, excluded.price_change, excluded.changed_at, excluded.title)
    where (s.parent_id, s.brand, s.series, s.category, s.is_new, s.is_limited, s.is_pre_order, s.is_blind_box,
           s.in_stock, s.price, s.rank, s.rating, s.review_count, s.price_change, s.changed_at, s.title)
          is distinct from
          (excluded.parent_id, excluded.brand, excluded.series, excluded.category, excluded.is_new, excluded.is_limited,
           excluded.is_pre_order, excluded.is_blind_box, excluded.in_stock, excluded.price, excluded.rank,
           excluded.rating, excluded.review_count, excluded.price_change, excluded.changed_at, excluded.title);
end $$;
revoke execute on function catalog.shelve from public;
grant execute on function catalog.shelve to bw_catalog_system;

-- Writes what is searched of listings as they now are.
create function catalog.write_search_text(in_listing_ids bigint[]) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    perform 1 from catalog.search_text where listing_id = any(in_listing_ids) order by listing_id for update;
    insert into catalog.search_text as s (listing_id, external_id, searched)
    select l.id, lower(normalize(l.external_id, NFKC)),
           lower(normalize(coalesce(l.title, '') || ' ' || coalesce(l.brand, '') || ' ' || coalesce(l.series, '')
                           || ' ' || l.external_id, NFKC))
    from catalog.listing l
    where l.id = any(in_listing_ids)
    order by l.id
    on conflict (listing_id) do update set searched = excluded.searched where s.searched <> excluded.searched;
end $$;
revoke execute on function catalog.write_search_text from public;
grant execute on function catalog.write_search_text to bw_catalog_system;

-- Brings some of those that are behind up to date; says how many were.
create function catalog.catch_up_shelf(in_most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    ids bigint[];
begin
    with taken as (
        delete from catalog.shelf_behind
        where ctid = any(array(select ctid from catalog.shelf_behind limit in_most for update skip locked))
        returning listing_id)
    select array_agg(distinct listing_id order by listing_id) into ids from taken;
    if ids is null then
        return 0;
    end if;
    perform catalog.shelve(ids);
    return cardinality(ids);
end $$;
revoke execute on function catalog.catch_up_shelf from public;
grant execute on function catalog.catch_up_shelf to bw_catalog_system;

-- Tells all processes, when the transaction commits, of which listings answers are out of date. `all` means every one:
-- a change of so many is not worth naming them.
create function catalog.tell_changed(in_listing_ids bigint[]) returns void
    language plpgsql set search_path = pg_catalog
    as $$
declare
    -- An id has up to 19 digits, a message up to 8,000 bytes.
    size constant integer := 390;
    begins integer := 1;
begin
    if cardinality(in_listing_ids) > 20000 then
        perform pg_notify('catalog_changed', 'all');
        return;
    end if;
    while begins <= cardinality(in_listing_ids) loop
        perform pg_notify('catalog_changed', array_to_string(in_listing_ids[begins : begins + size - 1], ','));
        begins := begins + size;
    end loop;
end $$;

-- A few changed listings are shelved at once, in the same transaction, many are noted to be shelved within a second:
-- whoever waits for a single change sees it, and bulk work does not wait for indexes.
create function catalog.on_listing_changed() returns trigger
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
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
    if tg_op = 'INSERT' or tg_relid = 'catalog.listing'::regclass then
        perform catalog.write_search_text(ids);
    end if;
    if cardinality(ids) <= 100 or tg_op = 'INSERT' then
        perform catalog.shelve(ids);
    else
        insert into catalog.shelf_behind (listing_id) select unnest(ids);
    end if;
    if tg_op = 'UPDATE' then
        perform catalog.tell_changed(ids);
    end if;
    return null;
end $$;
-- Every listing gets its state when it is made.
create trigger listing_made after insert on catalog.listing_state
    referencing new table as changed for each statement execute function catalog.on_listing_changed();
create trigger figures_changed after update on catalog.listing_state
    referencing new table as changed for each statement execute function catalog.on_listing_changed();
create trigger content_changed after update on catalog.listing
    referencing new table as changed for each statement execute function catalog.on_listing_changed();

-- What a tenant may see and which of it is tracked.
create function catalog.on_watch_changed() returns trigger
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    tenant uuid;
begin
    perform catalog.tell_changed(array(select listing_id from changed order by listing_id));
    for tenant in select distinct tenant_id from changed loop
        perform pg_notify('catalog_changed', 'tenant ' || tenant);
    end loop;
    return null;
end $$;
create trigger unwatched after delete on catalog.watch
    referencing old table as changed for each statement execute function catalog.on_watch_changed();
create trigger watched after insert on catalog.watch
    referencing new table as changed for each statement execute function catalog.on_watch_changed();
create trigger tracked after insert on catalog.tracking
    referencing new table as changed for each statement execute function catalog.on_watch_changed();
create trigger tracking_changed after update on catalog.tracking
    referencing new table as changed for each statement execute function catalog.on_watch_changed();

-- Few trackings carry tags.
create index tracking_tagged on catalog.tracking (tenant_id, listing_id) where tags <> '{}' and deleted_at is null;

-- How popular a listing is within its category, as the API shows it.
create table catalog.popularity (
    listing_id bigint primary key references catalog.listing (id) on delete cascade,
    shown      jsonb not null
);
grant select, insert, update, delete on catalog.popularity to bw_catalog_system;

-- What lists are chosen from. What a list does not ask for costs nothing: the planner leaves that join and that
-- sub-select out.
create view catalog.shelved as
select w.tenant_id, w.listing_id as id, w.created_at as watched_at,
       s.parent_id, s.source, s.marketplace, s.brand, s.series, s.category, s.is_new, s.is_limited, s.is_pre_order,
       s.is_blind_box, s.in_stock, s.price, s.rank, s.rating, s.review_count, s.price_change, s.changed_at, s.title,
       s.popularity,
       x.external_id, x.searched, x.words,
       (select t.id from catalog.tracking t
        where t.tenant_id = w.tenant_id and t.listing_id = w.listing_id and t.deleted_at is null) as tracking_id
from catalog.watch w
join catalog.shelf s on s.listing_id = w.listing_id and (s.owner_tenant_id is null or s.owner_tenant_id = w.tenant_id)
left join catalog.search_text x on x.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();

create view catalog.product_popularity as
select p.listing_id, p.shown
from catalog.watch w
join catalog.shelf s on s.listing_id = w.listing_id and (s.owner_tenant_id is null or s.owner_tenant_id = w.tenant_id)
join catalog.popularity p on p.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
grant select on catalog.shelved, catalog.product_popularity to bw_catalog_api;

-- One product of one tenant in one round trip: half of a small read is beginning, naming the tenant and committing.
-- Names the tenant for this one transaction; whoever may call it could do the same in two statements.
create function catalog.product_of(in_tenant_id uuid, in_listing_id bigint) returns setof catalog.product
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform set_config('app.tenant_id', in_tenant_id::text, true);
    return query select * from catalog.product where id = in_listing_id;
end $$;
revoke execute on function catalog.product_of from public;
grant execute on function catalog.product_of to bw_catalog_api;

select catalog.shelve(array(select id from catalog.listing));
select catalog.write_search_text(array(select id from catalog.listing));
