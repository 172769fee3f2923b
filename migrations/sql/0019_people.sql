-- identity: members and invitations, what is sent by mail, and where sessions are used.

-- Until the new address is verified the old one stays. Who registered by themselves before there were mails can ask for one.
alter table identity.user_account
    add column email_verified_at timestamptz,
    add column pending_email     text;

-- Where a session was opened. `place` is what limits count as one: an address, or the /64 of one.
alter table identity.session
    add column user_agent text,
    add column address    text,
    add column place      text;
create index session_places on identity.session (user_id, place, last_used_at);
create index session_of_member on identity.session (tenant_id, user_id, last_used_at);

create table identity.invitation (
    tenant_id    uuid not null references identity.tenant (id) on delete cascade,
    id           uuid not null,
    email        text not null,
    role         text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    token_sha256 bytea not null unique,
    invited_by   uuid not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    accepted_at  timestamptz,
    revoked_at   timestamptz,
    primary key (tenant_id, id)
);
comment on column identity.invitation.invited_by is 'a person or an API key';
create index invitation_pending on identity.invitation (tenant_id, lower(email))
    where accepted_at is null and revoked_at is null;
select bw.tenant_table('identity', 'invitation');

-- Tokens in mails about a person. A person belongs to no tenant, so the api login has nothing of it.
create table identity.mail_token (
    token_sha256 bytea primary key,
    purpose      text not null check (purpose in ('verify_email', 'reset_password')),
    user_id      uuid not null references identity.user_account (id) on delete cascade,
    email        text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null
);
comment on column identity.mail_token.email is 'where it was sent, in lower case';
create index mail_token_of_person on identity.mail_token (user_id, purpose, created_at);
create index mail_token_age on identity.mail_token (expires_at);
grant select, insert, update, delete on identity.mail_token to bw_identity_system;

-- Codes with which a session goes on at another tenant's host; each lives a minute.
create table identity.handoff (
    code_sha256 bytea primary key,
    tenant_id   uuid not null references identity.tenant (id) on delete cascade,
    user_id     uuid not null references identity.user_account (id) on delete cascade,
    expires_at  timestamptz not null
);
create index handoff_age on identity.handoff (expires_at);
select bw.tenant_table('identity', 'handoff');

-- Mails: each waits here until it is due, and stays for a while as a log without its text.
create table identity.mail (
    id          uuid primary key,
    tenant_id   uuid references identity.tenant (id) on delete cascade,
    kind        text not null,
    recipient   text not null,
    sealed_body bytea,
    state       text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed')),
    attempts    integer not null default 0,
    due_at      timestamptz not null,
    good_until  timestamptz not null,
    lease_until timestamptz,
    opened_at   timestamptz,
    reason      text,
    created_at  timestamptz not null,
    ended_at    timestamptz
);
comment on column identity.mail.tenant_id is 'null: about a person and not about a tenant';
comment on column identity.mail.sealed_body is 'null: not written yet, or erased because it is over';
comment on column identity.mail.good_until is 'after this it is not worth sending: its token has expired';
comment on column identity.mail.reason is 'what the mail server said last';
create index mail_due on identity.mail (due_at) where state = 'queued';
create index mail_leased on identity.mail (lease_until) where state = 'sending';
create index mail_age on identity.mail (created_at);
create index mail_of_tenant on identity.mail (tenant_id, created_at);
select bw.tenant_table('identity', 'mail');
revoke update, delete on identity.mail from bw_identity_api;

-- Members as the transaction's tenant may see them: of people's records, address and verification of its own members only.
create view identity.tenant_member with (security_barrier) as
select m.tenant_id, m.user_id, u.email, m.role, u.email_verified_at is not null as email_verified,
       m.created_at as joined_at,
       (select max(s.last_used_at) from identity.session s
        where s.tenant_id = m.tenant_id and s.user_id = m.user_id) as last_seen_at
from identity.membership m
join identity.user_account u on u.id = m.user_id
where m.tenant_id = bw.current_tenant();
grant select on identity.tenant_member to bw_identity_api;
