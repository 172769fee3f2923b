-- catalog: changes of a tenant's watches of one family wait for each other.

-- Holds a family (a product and its variants) for the rest of the transaction: against other trackings of the tenant
-- that are made or ended, which decide by each other's rows what is still watched, and, through the parent's row,
-- against a batch that is just making variants and lets all who watch the parent watch them.
create function catalog.hold_family(in_listing_id bigint) returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    parent bigint;
begin
    select coalesce(parent_id, id) into parent from catalog.listing where id = in_listing_id;
    perform pg_advisory_xact_lock(hashtextextended('watches ' || bw.current_tenant() || ' ' || parent, 0));
    perform 1 from catalog.listing where id = parent for key share;
end $$;
revoke execute on function catalog.hold_family from public;
grant execute on function catalog.hold_family to bw_catalog_api;
