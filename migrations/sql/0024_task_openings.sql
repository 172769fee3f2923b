-- crawl: less to write for every fetch.

-- How often workers began with what is left of the task. Each of its targets counts it when it is given back; while all
-- goes well nobody does, so that an opening writes one row and not one for each target.
alter table crawl.task add column openings smallint not null default 0;
