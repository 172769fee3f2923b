-- crawl: what a person chose about reading a target, and what the last good fetch remembered.
alter table crawl.target add column strategy text, add column memo bytea not null default '';
