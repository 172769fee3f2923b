-- identity: tenants, users, sessions, API keys, plans. Owner service: user-service.

create table identity.plan (
    code                 text primary key,
    name                 text not null,
    tracked_products     integer not null check (tracked_products > 0),
    min_interval_seconds integer not null check (min_interval_seconds >= 300),
    requests_per_minute  integer not null check (requests_per_minute > 0),
    crawls_per_day       integer not null check (crawls_per_day > 0),
    llm_tokens_per_month bigint  not null check (llm_tokens_per_month >= 0),
    source_spend_cents_per_month integer not null check (source_spend_cents_per_month >= 0),
    members              integer not null check (members > 0),
    retention_days       integer not null check (retention_days > 0)
);
insert into identity.plan values
    ('free',       'Free',           50, 3600,   120,    500,       50000,     500,   2,   90),
    ('pro',        'Pro',          2000,  900,   600,  20000,     2000000,   20000,  10,  730),
    ('enterprise', 'Enterprise', 250000,  300,  6000, 5000000, 100000000, 5000000, 500, 3650);

create table identity.tenant (
    id         uuid primary key,
    slug       text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name       text not null,
    plan_code  text not null references identity.plan (code) default 'free',
    status     text not null default 'active' check (status in ('active', 'suspended')),
    version    bigint not null default 1,
    created_at timestamptz not null default now()
);

-- One person, possibly in several tenants; therefore without tenant_id and out of the api login's reach.
create table identity.user_account (
    id            uuid primary key,
    email         text not null,
    password_hash text not null,
    created_at    timestamptz not null default now()
);
create unique index user_account_email on identity.user_account (lower(email));

create table identity.membership (
    tenant_id  uuid not null references identity.tenant (id) on delete cascade,
    user_id    uuid not null references identity.user_account (id) on delete cascade,
    role       text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id)
);
create index membership_user on identity.membership (user_id);

-- A sign-in: the family of refresh tokens that descend from it.
create table identity.session (
    tenant_id    uuid not null,
    id           uuid not null,
    user_id      uuid not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    ended_at     timestamptz,
    end_reason   text,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references identity.membership (tenant_id, user_id) on delete cascade
);
create index session_by_user on identity.session (user_id) where ended_at is null;

create table identity.refresh_token (
    token_sha256 bytea primary key,
    tenant_id    uuid not null,
    session_id   uuid not null,
    expires_at   timestamptz not null,
    used_at      timestamptz,
    foreign key (tenant_id, session_id) references identity.session (tenant_id, id) on delete cascade
);
create index refresh_token_session on identity.refresh_token (tenant_id, session_id);

create table identity.api_key (
    tenant_id    uuid not null references identity.tenant (id) on delete cascade,
    id           uuid not null,
    name         text not null,
    prefix       text not null,
    key_sha256   bytea not null unique,
    scopes       text[] not null check (scopes <@ array['read', 'write', 'crawl', 'admin']),
    created_by   uuid,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    primary key (tenant_id, id)
);

-- RS256 key pairs; the private half is sealed with the installation's master key.
create table identity.signing_key (
    kid            text primary key,
    sealed_private bytea not null,
    public_jwk     jsonb not null,
    created_at     timestamptz not null default now(),
    retired_at     timestamptz
);

select bw.tenant_table('identity', 'membership');
select bw.tenant_table('identity', 'session');
select bw.tenant_table('identity', 'refresh_token');
select bw.tenant_table('identity', 'api_key');
alter table identity.tenant enable row level security;
alter table identity.tenant force row level security;
create policy tenant_isolation on identity.tenant
    using (id = bw.current_tenant()) with check (id = bw.current_tenant());
create policy system_access on identity.tenant to bw_identity_system using (true) with check (true);

grant select on identity.plan to bw_identity_api, bw_identity_system;
grant select, update on identity.tenant to bw_identity_api;
grant select, insert, update, delete on identity.tenant, identity.user_account, identity.signing_key
    to bw_identity_system;

select bw.outbox('identity');
select bw.idempotency('identity');
