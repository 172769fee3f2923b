-- crawl: how many targets a task holds still. What is under way is counted by it: a task that waits for its last page, or
-- from which urgent work took targets over, keeps no more room than what is left of it.

-- Never fewer than there are. Null: leased by the version before, which does not tell; all of them.
alter table crawl.task add column held integer;

-- As before, and what is taken over is no longer counted as its old task's.
create or replace function crawl.make_due(mine bigint[], wanted smallint, trace text, at timestamptz)
    returns table (target_id bigint, round bigint)
    language plpgsql set search_path = pg_catalog
    as $$
declare
    -- The task of each target that one holds.
    holders uuid[];
begin
    -- In the order of ids, as everybody who locks several. Statements after this one see what was committed meanwhile:
    -- whoever opens a task locks its targets before it says so.
    select array_agg(t.task_id) filter (where t.task_id is not null and t.interval_seconds is not null) into holders
    from (select g.task_id, g.interval_seconds from crawl.target g where g.id = any (mine) order by g.id for update) t;
    update crawl.target g
    set task_id = null, next_due_at = least(g.next_due_at, at), priority = least(g.priority, wanted),
        traceparent = coalesce(trace, g.traceparent), payer_id = bw.current_tenant()
    where g.id = any (mine) and g.interval_seconds is not null
      and (g.task_id is null
           or wanted < 3 and exists (select from crawl.task k
                                     where k.id = g.task_id and k.priority > wanted and k.opened_at is null));
    if wanted < 3 and holders is not null then
        with free as (
            select k.id from crawl.task k
            where k.id = any (holders) and k.priority > wanted and k.opened_at is null and k.finished_at is null
              -- Whoever publishes tasks shall not wait for a large round.
              and k.published_at is not null
            -- Whoever holds a task may wait for its targets. What is left out here counts too many until it is opened.
            for update skip locked
        ), taken as (
            select h.id, count(*)::integer as targets from unnest(holders) as h (id) group by h.id
        )
        update crawl.task k set held = greatest(coalesce(k.held, k.items) - taken.targets, 0)
        from free join taken on taken.id = free.id where k.id = free.id;
    end if;
    -- Whoever dispatches in another process hears of it when this commits.
    perform pg_notify('crawl_due', '');
    return query
    select g.id, g.round from crawl.target g where g.id = any (mine) and g.interval_seconds is not null;
end $$;
