-- crawl: a fetch writes its target twice, at the lease and at the report, and each time into every index of it.

-- How many are under way follows from the tasks that are: a few rows instead of all targets in them.
drop index crawl.target_leased;

-- A source's own ids are looked up among a tenant's trackings, which change seldom.
alter table crawl.tracking add column external_id text;
-- Its owner is bound by the tenants' policies, too: it sees all of them here alone.
alter table crawl.tracking no force row level security;
update crawl.tracking t set external_id = g.external_id from crawl.target g where g.id = t.target_id;

create function crawl.name_tracking() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    new.external_id := (select g.external_id from crawl.target g where g.id = new.target_id);
    return new;
end $$;
create trigger named before insert on crawl.tracking for each row execute function crawl.name_tracking();
alter table crawl.tracking alter column external_id set not null;
alter table crawl.tracking force row level security;
create index tracking_external on crawl.tracking (tenant_id, external_id) where live;
drop index crawl.target_external;

create or replace view crawl.tenant_tracking with (security_barrier) as
select t.tenant_id, t.id, t.target_id, t.interval_seconds, t.live,
       g.source, g.marketplace, t.external_id,
       g.next_due_at, g.last_crawl_at, g.last_outcome, g.last_reason
from crawl.tracking t
join crawl.target g on g.id = t.target_id
where t.tenant_id = (select bw.current_tenant());

-- catalog: most looks say of a listing what the one before said. What was learnt last is known by its digest, so that it
-- is neither sent nor compared again. Null: its words were new, and whoever saw them at the same moment may have spelled
-- them otherwise.
create table catalog.content_said (
    listing_id bigint primary key references catalog.listing (id) on delete cascade,
    digest     bigint
);
grant select, insert, update, delete on catalog.content_said to bw_catalog_system;
