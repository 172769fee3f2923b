-- identity: rotation of API keys and signing keys, where keys may be used from, and telling at once what no longer holds.

alter table identity.api_key
    -- Networks such as 203.0.113.0/24; none: from anywhere.
    add column allowed_addresses text[] not null default '{}' check (cardinality(allowed_addresses) <= 50),
    -- The key that takes its place.
    add column rotated_to uuid;

-- When it begins to sign: later than it is published, so that everybody who checks a token knows its key.
alter table identity.signing_key add column signs_from timestamptz;
update identity.signing_key set signs_from = created_at;
alter table identity.signing_key alter column signs_from set not null;

-- Processes keep for seconds what they were told about credentials. Whoever writes, they hear of it at the commit:
-- `session <id>`, `member <tenant> <user>`, `key <id>`, `tenant <id>`, `signing`.
create function identity.tell_session() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform pg_notify('identity_credentials', 'session ' || old.id);
    return null;
end $$;
create trigger session_ended after update of ended_at on identity.session
    for each row when (old.ended_at is null and new.ended_at is not null) execute function identity.tell_session();
create trigger session_deleted after delete on identity.session
    for each row when (old.ended_at is null) execute function identity.tell_session();

create function identity.tell_member() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform pg_notify('identity_credentials', 'member ' || old.tenant_id || ' ' || old.user_id);
    return null;
end $$;
create trigger membership_changed after update of role on identity.membership
    for each row when (old.role <> new.role) execute function identity.tell_member();
create trigger membership_deleted after delete on identity.membership
    for each row execute function identity.tell_member();

create function identity.tell_api_key() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform pg_notify('identity_credentials', 'key ' || old.id);
    return null;
end $$;
-- last_used_at says nothing about whether it holds.
create trigger api_key_changed after update of revoked_at, expires_at, scopes, allowed_addresses on identity.api_key
    for each row execute function identity.tell_api_key();
create trigger api_key_deleted after delete on identity.api_key
    for each row execute function identity.tell_api_key();

create function identity.tell_tenant() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform pg_notify('identity_credentials', 'tenant ' || old.id);
    return null;
end $$;
create trigger tenant_changed after update of status, slug on identity.tenant
    for each row when (old.status <> new.status or old.slug <> new.slug) execute function identity.tell_tenant();
create trigger tenant_deleted after delete on identity.tenant
    for each row execute function identity.tell_tenant();

create function identity.tell_signing_key() returns trigger
    language plpgsql set search_path = pg_catalog
    as $$
begin
    perform pg_notify('identity_credentials', 'signing');
    return null;
end $$;
create trigger signing_key_changed after insert or update or delete on identity.signing_key
    for each statement execute function identity.tell_signing_key();
