-- crawl: crawls that one can watch, stop and repeat; targets in trouble.

alter table crawl.crawl
    -- Targets that were taken out before they were fetched; of those that ended, beside succeeded and failed.
    add column cancelled integer not null default 0,
    -- When a worker first had something of it in hand; null: all of it still waits.
    add column begun_at  timestamptz,
    -- Where what it fetches is listed.
    add column sources   text[] not null default '{}';
-- What is old enough to be forgotten.
create index crawl_finished on crawl.crawl (finished_at) where finished_at is not null;

alter table crawl.crawl_target add column ended_at timestamptz;

alter table crawl.target
    -- Rounds in a row that ended badly for reasons of the target's own.
    add column strikes        integer not null default 0,
    -- Set while that is worth telling.
    add column troubled_since timestamptz;

-- Targets of the tenant's crawls, and where those stand that have not ended.
create view crawl.tenant_crawl_target with (security_barrier) as
select c.tenant_id, c.crawl_id, c.target_id, c.outcome, c.reason, c.attempts, c.ended_at, g.source,
       c.outcome is null and g.task_id is not null and g.round = c.round as under_way,
       case when c.outcome is null and g.task_id is null then g.next_due_at end as next_try_at
from crawl.crawl_target c
join crawl.target g on g.id = c.target_id
where c.tenant_id = (select bw.current_tenant());
grant select on crawl.tenant_crawl_target to bw_crawl_api;

-- How these sources stand: the whole of each, and the parts that the transaction's tenant has an account for. Definer,
-- because the api login has no grant on states; the tenant's policies hold for the definer too.
create function crawl.source_standings(of_sources text[])
    returns setof crawl.source_state
    language sql stable security definer set search_path = pg_catalog
    as $$
    select s.* from crawl.source_state s
    where s.source = any (of_sources)
      and (s.scope = ''
           or exists (select from crawl.credential c
                      where c.tenant_id = bw.current_tenant() and c.source = s.source
                        and encode(sha256(convert_to(s.scope, 'UTF8')), 'hex') = any (c.marks)))
    order by s.source, s.scope
    $$;
revoke execute on function crawl.source_standings from public;
grant execute on function crawl.source_standings to bw_crawl_api;

-- catalog: alerts about a target that fails again and again, and about its end.
alter table catalog.alert
    drop constraint alert_subject,
    add constraint alert_subject check (
        case
            when kind = 'new_listing' then monitor_id is not null and listing_id is not null
            when kind in ('source_trouble', 'source_recovered') then source is not null
            when kind in ('target_trouble', 'target_recovered') then tracking_id is not null and listing_id is not null
            else tracking_id is not null and rule_id is not null and rule_version is not null
                 and listing_id is not null and change_bp is not null
        end);
create unique index alert_target on catalog.alert (tenant_id, listing_id, kind, occurred_at)
    where kind in ('target_trouble', 'target_recovered');
