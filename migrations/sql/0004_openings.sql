-- crawl: a target that takes its workers down must not be handed out without end.

-- How often a worker began with the target since one last told how it went.
alter table crawl.target add column openings smallint not null default 0;
