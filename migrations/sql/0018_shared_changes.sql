-- catalog: what changed of listings stands in the event log once, however many tenants watch them.
--
-- Such a row has no tenant, the kind `listings.changed`, and an array of changes as its data.

-- For the view below alone: the owner of tables has no login.
create policy shared_changes on catalog.outbox for select to current_user
    using (tenant_id is null and kind = 'listings.changed');

-- The log as the transaction's tenant may read it: its own events, and of the shared ones what it watches.
create view catalog.tenant_log with (security_barrier) as
select o.sequence, o.kind, o.data
from catalog.outbox o
where o.tenant_id = bw.current_tenant() and o.sequence is not null and o.data is not null
union all
select o.sequence, 'listing.changed', change.value
from catalog.outbox o
cross join lateral jsonb_array_elements(o.data) as change
join catalog.watch w on w.tenant_id = bw.current_tenant()
     and w.listing_id = (change.value ->> 'product_id')::bigint
where o.tenant_id is null and o.kind = 'listings.changed' and o.sequence is not null and o.data is not null;
grant select on catalog.tenant_log to bw_catalog_api;
