//! What Postgres itself says about tenants' tables and our logins: whoever adds either is held to it.

use migrations::roles::LOGINS;
use sea_orm::sqlx::{self, Connection, PgConnection};

use crate::migrated;

/// Lines of a query that should have none.
async fn offenders(connection: &mut PgConnection, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql)
        .bind(LOGINS.map(|login| login.role.to_owned()).to_vec())
        .fetch_all(connection)
        .await
        .expect("the catalog answers")
}

#[tokio::test]
async fn every_table_with_a_tenant_forces_a_policy_or_is_out_of_every_logins_reach() {
    let env = migrated().await;
    let mut owner = PgConnection::connect(&env.database_url)
        .await
        .expect("the owner");
    let tables: i64 = sqlx::query_scalar(
        "select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('identity', 'crawl', 'catalog') and a.attname = 'tenant_id' and c.relkind in ('r', 'p')",
    )
    .fetch_one(&mut owner)
    .await
    .expect("a count");
    assert!(tables > 20, "only {tables} tables: the query is wrong");
    // A partition is reached through its table alone, whose policy counts then.
    let unguarded = offenders(
        &mut owner,
        "select format('%s has no forced row-level security but a login may reach it; call bw.tenant_table in its \
                        migration', c.oid::regclass)
         from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('identity', 'crawl', 'catalog') and a.attname = 'tenant_id' and not a.attisdropped
           and c.relkind in ('r', 'p', 'f', 'm')
           and not (c.relrowsecurity and c.relforcerowsecurity)
           and exists (select from unnest($1::text[]) as login
                       where has_any_column_privilege(login, c.oid, 'select, insert, update, references'))
         order by 1",
    )
    .await;
    assert!(unguarded.is_empty(), "{unguarded:#?}");
    // Forced, but by which policy? That of requests must ask for the tenant of the transaction.
    let open = offenders(
        &mut owner,
        "select format('policy %I of %s lets the login of requests see more than its tenant', p.polname, c.oid::regclass)
         from pg_policy p join pg_class c on c.oid = p.polrelid
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where (p.polroles = '{0}' or exists (select from unnest(p.polroles) as role
                    where (select rolname from pg_roles where oid = role) in
                          (select login from unnest($1::text[]) as login where login like '%\\_api')))
           and coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
               not like '%tenant_id = %current_tenant()%'
         order by 1",
    )
    .await;
    assert!(open.is_empty(), "{open:#?}");
}

#[tokio::test]
async fn no_login_may_bypass_policies_owns_anything_or_reaches_anothers_schema() {
    let env = migrated().await;
    let mut owner = PgConnection::connect(&env.database_url)
        .await
        .expect("the owner");
    let mighty = offenders(
        &mut owner,
        "select rolname::text from pg_roles where rolname = any($1)
           and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)",
    )
    .await;
    assert!(mighty.is_empty(), "may do more than work: {mighty:?}");
    let owners = offenders(
        &mut owner,
        "select format('%s owns %s', r.rolname, o.name) from pg_roles r join (
             select relowner as owner, oid::regclass::text as name from pg_class
             union all select nspowner, nspname::text from pg_namespace
             union all select proowner, oid::regprocedure::text from pg_proc
             union all select datdba, datname::text from pg_database
         ) o on o.owner = r.oid where r.rolname = any($1)",
    )
    .await;
    assert!(owners.is_empty(), "{owners:#?}");
    // Core's system login alone takes a part, that of history's owner, and inherits nothing of it.
    let members = offenders(
        &mut owner,
        "select format('%s is a member of %s', m.rolname, g.rolname)
         from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
         where m.rolname = any($1)
           and not (m.rolname = 'bw_catalog_system' and g.rolname = 'bw_history' and not m.rolinherit)",
    )
    .await;
    assert!(members.is_empty(), "{members:?}");
    for login in LOGINS {
        let foreign: Vec<String> = sqlx::query_scalar(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('identity', 'crawl', 'catalog') and n.nspname <> $2 and c.relkind in ('r', 'p', 'v', 'm')
               and has_any_column_privilege($1, c.oid, 'select, insert, update, references')",
        )
        .bind(login.role)
        .bind(login.schema)
        .fetch_all(&mut owner)
        .await
        .expect("the catalog answers");
        assert!(foreign.is_empty(), "{} reaches {foreign:?}", login.role);
    }
}

/// What runs with its owner's rights must not be led astray by a search path of its caller's.
#[tokio::test]
async fn functions_with_their_owners_rights_name_their_search_path_and_are_not_for_everybody() {
    let env = migrated().await;
    let mut owner = PgConnection::connect(&env.database_url)
        .await
        .expect("the owner");
    let loose = offenders(
        &mut owner,
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('bw', 'identity', 'crawl', 'catalog') and p.prosecdef and cardinality($1::text[]) > 0
           and (p.proconfig is null or not exists (select from unnest(p.proconfig) as setting
                                                   where setting like 'search_path=%'))",
    )
    .await;
    assert!(loose.is_empty(), "without a search path: {loose:#?}");
}
