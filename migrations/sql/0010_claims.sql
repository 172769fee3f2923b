-- Two ways to claim: by payer, which shares need, and by due time alone, which tells whether there is more to do than
-- room. Only then shares matter, and most of the time they do not.
alter index crawl.target_due rename to target_due_payer;
create index target_due on crawl.target (source, priority, next_due_at)
    where task_id is null and next_due_at is not null;
