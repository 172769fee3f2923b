-- catalog: how much of its plan a tenant uses.

-- Places that live trackings take, kept by the triggers below in the transaction that takes or frees them. Whoever makes
-- trackings holds the row first, so of several at once nobody gets more than the plan has.
create table catalog.usage (
    tenant_id        uuid primary key,
    tracked_products integer not null default 0 check (tracked_products >= 0),
    -- The last warning: how much of what was used, in percent, and when its period began.
    told_percent     smallint not null default 0,
    told_allowed     bigint not null default 0,
    told_period      date
);

-- What is there already. For the count alone: its owner is bound by the tenants' policies, too.
alter table catalog.tracking no force row level security;
insert into catalog.usage (tenant_id, tracked_products)
select tenant_id, count(*) from catalog.tracking where deleted_at is null group by tenant_id;
alter table catalog.tracking force row level security;
select bw.tenant_table('catalog', 'usage');

create function catalog.count_trackings() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    if tg_op = 'INSERT' then
        insert into catalog.usage as u (tenant_id, tracked_products)
        select f.tenant_id, count(*) from fresh f where f.deleted_at is null group by f.tenant_id order by f.tenant_id
        on conflict (tenant_id) do update set tracked_products = u.tracked_products + excluded.tracked_products;
    elsif tg_op = 'DELETE' then
        update catalog.usage u set tracked_products = u.tracked_products - d.gone
        from (select tenant_id, count(*) as gone from gone where deleted_at is null group by tenant_id) d
        where u.tenant_id = d.tenant_id;
    else
        update catalog.usage u set tracked_products = u.tracked_products + d.more
        from (select c.tenant_id, sum(c.one) as more
              from (select tenant_id, 1 as one from fresh where deleted_at is null
                    union all
                    select tenant_id, -1 from gone where deleted_at is null) c
              group by c.tenant_id having sum(c.one) <> 0) d
        where u.tenant_id = d.tenant_id;
    end if;
    return null;
end $$;
create trigger usage_made after insert on catalog.tracking
    referencing new table as fresh for each statement execute function catalog.count_trackings();
create trigger usage_changed after update on catalog.tracking
    referencing old table as gone new table as fresh for each statement execute function catalog.count_trackings();
create trigger usage_erased after delete on catalog.tracking
    referencing old table as gone for each statement execute function catalog.count_trackings();

-- What a tenant's texts cost, by UTC month.
create table catalog.llm_use (
    tenant_id uuid not null,
    month     date not null,
    tokens    bigint not null check (tokens >= 0),
    primary key (tenant_id, month)
);
select bw.tenant_table('catalog', 'llm_use');
