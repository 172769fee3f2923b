-- catalog: prices that compare, and words for doubts.

-- Lists compare prices of different currencies as numbers of their major units, as they are written. Minor units
-- would put 2,000 yen before 30 dollars.

-- The known price in ten-thousandths of the major unit, which no currency's minor unit is finer than. Ingest writes it
-- (domain Money): how many decimals a currency has is a rule.
alter table catalog.listing_state add column compared_price bigint;
comment on column catalog.shelf.price is
    'as shown: the last one seen, in ten-thousandths of its currency''s major unit; null when nobody offers it';

-- Puts listings on the shelf as they now are.
create or replace function catalog.shelve(in_listing_ids bigint[]) returns void
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
           case when n.offer <> 2 then n.compared_price end, n.known_rank, n.known_rating_hundredths,
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

-- What is known already, once: the currencies whose minor unit is not a hundredth, as ISO 4217 has them.
alter table catalog.listing_state disable trigger figures_changed;
update catalog.listing_state
set compared_price = least(
    known_price::numeric * case
        when known_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
                                'VUV', 'XAF', 'XOF', 'XPF', 'XAG', 'XAU', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XPD', 'XPT',
                                'XSU', 'XTS', 'XUA', 'XXX') then 10000
        when known_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 10
        when known_currency in ('CLF', 'UYW') then 1
        else 100 end,
    9223372036854775807)::bigint
where known_price is not null;
alter table catalog.listing_state enable trigger figures_changed;
select catalog.shelve(array(select listing_id from catalog.listing_state where known_price is not null));

-- A stable word for the kind of doubt, for those who say it in their own language.
alter table catalog.quarantine add column code text;
update catalog.quarantine
set code = case
        when reason like '% is next to nothing' then 'next_to_nothing'
        when reason like '% times off or more' then 'far_off'
        when reason like '% came in % after %' then 'other_currency' end;
create or replace view catalog.product_quarantine as
select q.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.quarantine q on q.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
