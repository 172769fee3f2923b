-- catalog: rules that are trees of tests, for a tenant, a tag or a tracking; what listings said otherwise before; alerts
-- that show more than a move.

-- What a rule says is the domain's own JSON; SQL only keeps it. With several rules of a kind side by side the old key
-- goes; a default rule exists once, deleted or not, so that who removed one does not get it back.
drop index catalog.alert_rule_scope;
alter table catalog.alert_rule
    -- For the trackings with this tag; null, like tracking_id: for all the tenant's.
    add column tag         text,
    add column name        text,
    add column condition   jsonb,
    add column severity    text not null default 'by_size',
    -- The figure of its first test, as `kind` is what that one raises.
    add column metric      text,
    -- Whether it can be true when it is made.
    add column first_sight boolean not null default false,
    -- Since when this version applies.
    add column since       timestamptz not null default now(),
    -- Whether it is one that every tenant starts with.
    add column seeded      boolean not null default false,
    add constraint alert_rule_one_scope check (tracking_id is null or tag is null);
-- Its owner is bound by the tenants' policies, too: it sees all of them here alone.
alter table catalog.alert_rule no force row level security;
update catalog.alert_rule
set condition = jsonb_build_object('test', 'move', 'metric', kind, 'baseline', jsonb_build_object('kind', 'previous'),
                                   'direction', 'both', 'more_than', jsonb_build_object('percent', threshold_bp)),
    metric = kind, since = created_at;
update catalog.alert_rule r set seeded = true
where tracking_id is null and not exists (
    select from catalog.alert_rule older
    where older.tenant_id = r.tenant_id and older.tracking_id is null and older.kind = r.kind
      and (older.created_at, older.id) < (r.created_at, r.id));
alter table catalog.alert_rule force row level security;
alter table catalog.alert_rule
    alter column condition set not null,
    drop column threshold_bp;
create unique index alert_rule_seeded on catalog.alert_rule (tenant_id, kind) where seeded;
create index alert_rule_wide on catalog.alert_rule (tenant_id, since desc) where tracking_id is null and deleted_at is null;
create index alert_rule_own on catalog.alert_rule (tracking_id) where tracking_id is not null and deleted_at is null;
create index alert_rule_recent on catalog.alert_rule (tenant_id, created_at desc, id desc) where deleted_at is null;

alter table catalog.alert
    add column metric        text,
    add column rule_name     text,
    -- What `before` is, and of how many days.
    add column baseline      text,
    add column baseline_days integer,
    -- What a listing says otherwise: [{"field", "before": […], "after": […]}].
    add column changes       jsonb,
    drop constraint alert_subject,
    -- No size is asked for any more: a restock and another seller have none.
    add constraint alert_subject check (
        case
            when kind = 'new_listing' then monitor_id is not null and listing_id is not null
            when kind in ('source_trouble', 'source_recovered') then source is not null
            when kind in ('target_trouble', 'target_recovered') then tracking_id is not null and listing_id is not null
            else tracking_id is not null and rule_id is not null and rule_version is not null
                 and listing_id is not null
        end);

-- What a listing said of itself before, at each look that found something else: title, pictures, bullet points.
create table catalog.content_change (
    listing_id  bigint not null references catalog.listing (id) on delete cascade,
    observed_at timestamptz not null,
    changes     jsonb not null,
    primary key (listing_id, observed_at)
);
grant select, insert, update, delete on catalog.content_change to bw_catalog_system;
create view catalog.product_content_change as
select c.*
from catalog.watch w
join catalog.listing l on l.id = w.listing_id and (l.owner_tenant_id is null or l.owner_tenant_id = w.tenant_id)
join catalog.content_change c on c.listing_id = w.listing_id
where w.tenant_id = bw.current_tenant();
grant select on catalog.product_content_change to bw_catalog_api;
