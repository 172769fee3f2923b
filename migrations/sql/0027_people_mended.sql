-- identity: people who come back after a new password, and tenants that rename themselves again and again.

-- From where a person last set a new password with a token of their mailbox. Every session ended then, so no session
-- says any more that they are at home there.
alter table identity.user_account
    add column proven_place text,
    add column proven_at    timestamptz;

-- Mails about people are looked up by whom they went to, when a person goes or has a new password.
create index mail_of_person on identity.mail (lower(recipient)) where tenant_id is null;

-- From when on the transaction's tenant may take this slug: nothing if it may now. A tenant holds three slugs that it
-- gave up, so that nobody collects names; going back to one of its own holds no more than before. Definer, because who
-- holds which slug is no tenant's to see. The tenant is locked, so that of two renames at once one counts the other.
create function identity.rename_after(in_slug text) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog
    as $$
declare
    present text;
begin
    select slug into present from identity.tenant where id = bw.current_tenant() for update;
    if present = in_slug then
        return null;
    end if;
    return (select held_until from identity.slug_hold
            where leads_to = bw.current_tenant() and slug <> in_slug and held_until > now()
            order by held_until desc offset 2 limit 1);
end $$;
revoke execute on function identity.rename_after from public;
grant execute on function identity.rename_after to bw_identity_api;
