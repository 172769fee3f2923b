-- crawl: how many targets a task holds still. What is under way is counted by it: a task that waits for its last page, or
-- from which urgent work took targets over, keeps no more room than what is left of it.

-- Null: leased by the version before, which does not tell; all of them.
alter table crawl.task add column held integer;

-- As before, and what is taken over is no longer counted as its old task's.
create or replace function crawl.make_due(mine bigint[], wanted smallint, trace text, at timestamptz)
    returns table (target_id bigint, round bigint)
    language plpgsql set search_path = pg_catalog
    as $$
begin
    -- In the order of ids, as everybody who locks several. Statements after this one see what was committed meanwhile:
    -- whoever opens a task locks its targets before it says so.
    perform from crawl.target g where g.id = any (mine) order by g.id for update;
    with due as (
        update crawl.target g
        set task_id = null, next_due_at = least(g.next_due_at, at), priority = least(g.priority, wanted),
            traceparent = coalesce(trace, g.traceparent), payer_id = bw.current_tenant()
        from crawl.target o
        where o.id = g.id and g.id = any (mine) and g.interval_seconds is not null
          and (g.task_id is null
               or wanted < 3 and exists (select from crawl.task k
                                         where k.id = g.task_id and k.priority > wanted and k.opened_at is null))
        returning o.task_id
    ), taken as (
        select k.id, d.targets
        from (select task_id, count(*)::integer as targets from due where task_id is not null group by task_id) d
        join crawl.task k on k.id = d.task_id
        where k.finished_at is null
        -- Whoever holds the task may wait for its targets. If it is just being opened, that counts what is left.
        for update of k skip locked
    )
    update crawl.task k set held = greatest(coalesce(k.held, k.items) - taken.targets, 0)
    from taken where k.id = taken.id;
    -- Whoever dispatches in another process hears of it when this commits.
    perform pg_notify('crawl_due', '');
    return query
    select g.id, g.round from crawl.target g where g.id = any (mine) and g.interval_seconds is not null;
end $$;
