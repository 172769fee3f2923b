-- catalog: descriptions and films of listings.
alter table catalog.listing add column description text, add column videos jsonb not null default '[]';
