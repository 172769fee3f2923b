use db::{Pools, SystemTx, TenantTx};
use sea_orm::sqlx::{self, Connection, PgConnection, Row};
use uuid::Uuid;

use crate::{database, migrated};

async fn watch(tx: &SystemTx, tenant: Uuid, listing: i64) {
    sqlx::query("insert into catalog.watch (tenant_id, listing_id) values ($1, $2)")
        .bind(tenant)
        .bind(listing)
        .execute(&mut *tx.sqlx().await)
        .await
        .expect("a watch");
}

async fn count(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query(sql)
        .fetch_one(connection)
        .await
        .expect("a count")
        .get(0)
}

#[tokio::test]
async fn a_tenant_sees_its_own_watches_and_nobody_sees_any_without_a_tenant() {
    let database = database().await;
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    let tx = SystemTx::begin(&database.pools.system)
        .await
        .expect("begins");
    let listing: i64 = sqlx::query(
        "with made as (insert into catalog.listing (source, marketplace, external_id, url)
                       values ('amazon', 'US', 'B000000001', 'https://a.example') returning id)
         insert into catalog.listing_state (listing_id) select id from made returning listing_id",
    )
    .fetch_one(&mut *tx.sqlx().await)
    .await
    .expect("a listing")
    .get(0);
    watch(&tx, first, listing).await;
    tx.commit().await.expect("commits");

    for (tenant, expected) in [(first, 1), (second, 0)] {
        let tx = TenantTx::begin(&database.pools.api, tenant)
            .await
            .expect("begins");
        for sql in [
            "select count(*) from catalog.watch",
            "select count(*) from catalog.product",
        ] {
            assert_eq!(count(&mut *tx.sqlx().await, sql).await, expected, "{sql}");
        }
        let foreign =
            sqlx::query("insert into catalog.watch (tenant_id, listing_id) values ($1, $2)")
                .bind(Uuid::now_v7())
                .bind(listing)
                .execute(&mut *tx.sqlx().await)
                .await;
        assert!(foreign.is_err(), "a row of another tenant is refused");
    }
    // The connections above go back to the pool: the tenant must not stay on them.
    let url = migrations::roles::CATALOG_API
        .url(&database.env.database_url, crate::ROLE_SECRET)
        .expect("an address");
    let mut bare = PgConnection::connect(&url).await.expect("connects");
    assert_eq!(
        count(&mut bare, "select count(*) from catalog.watch").await,
        0
    );
    assert_eq!(
        count(&mut bare, "select count(*) from catalog.product").await,
        0
    );
    let refused = sqlx::query("select 1 from catalog.listing")
        .fetch_optional(&mut bare)
        .await;
    assert!(refused.is_err(), "the api login has no grant on listings");
}

/// Who hangs up while a transaction begins must not leave it to whoever gets the connection next.
#[tokio::test]
async fn a_begin_that_nobody_waits_for_leaves_nothing_behind() {
    let env = migrated().await;
    let url = |login: migrations::roles::Login| {
        login
            .url(&env.database_url, crate::ROLE_SECRET)
            .expect("an address")
    };
    let (api, system) = (
        url(migrations::roles::CATALOG_API),
        url(migrations::roles::CATALOG_SYSTEM),
    );
    let pools = Pools::connect(&api, 1, &system, 1).await.expect("logins");
    // Within a transaction the clock stands still.
    let now =
        "select coalesce(current_setting('app.tenant_id', true), '') as tenant, now()::text as now";
    for _ in 0..20 {
        let mut begin = Box::pin(TenantTx::begin(&pools.api, Uuid::now_v7()));
        let _ = futures::poll!(&mut begin);
        drop(begin);
        let mut begin = Box::pin(SystemTx::begin(&pools.system));
        let _ = futures::poll!(&mut begin);
        drop(begin);
        // By the only connections that there are.
        let mut told = Vec::new();
        for _ in 0..2 {
            let found = pools.api.read(sqlx::query(now)).await.expect("told");
            let text = |name: &str| found[0].try_get::<String>("", name).expect("a text");
            assert_eq!(text("tenant"), "");
            let row = sqlx::query(now).fetch_one(pools.system.sqlx()).await;
            told.push((text("now"), row.expect("told").get::<String, _>("now")));
        }
        assert_ne!(told[0].0, told[1].0, "the tenant's transaction is open");
        assert_ne!(told[0].1, told[1].1, "a transaction is open");
    }
}

#[tokio::test]
async fn every_table_with_a_tenant_is_protected_and_no_login_may_bypass() {
    let env = migrated().await;
    let mut admin = PgConnection::connect(&env.database_url)
        .await
        .expect("connects");
    let bare: Vec<String> = sqlx::query_scalar(
        "select c.oid::regclass::text from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where n.nspname in ('identity', 'crawl', 'catalog') and c.relkind in ('r', 'p') and not c.relispartition
           and not (c.relrowsecurity and c.relforcerowsecurity
                    and exists (select from pg_policy p where p.polrelid = c.oid))",
    )
    .fetch_all(&mut admin)
    .await
    .expect("reads the catalogue");
    assert_eq!(
        bare,
        Vec::<String>::new(),
        "tables with tenant_id and without forced row-level security"
    );
    let strong: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles where rolname like 'bw\\_%' and (rolsuper or rolbypassrls or rolcreaterole)",
    )
    .fetch_all(&mut admin)
    .await
    .expect("reads the roles");
    assert_eq!(
        strong,
        Vec::<String>::new(),
        "logins that may bypass policies"
    );
    let open: Vec<String> = sqlx::query_scalar(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_roles r on r.oid = c.relowner
         where n.nspname in ('identity', 'crawl', 'catalog') and c.relkind in ('r', 'p')
           and (r.rolcanlogin or r.rolname not in ('bw_owner', 'bw_history'))",
    )
    .fetch_all(&mut admin)
    .await
    .expect("reads the owners");
    assert_eq!(open, Vec::<String>::new(), "tables that a login owns");
}

#[tokio::test]
async fn preparing_again_changes_nothing() {
    let env = migrated().await;
    let admin = migrations::Admin {
        url: env.database_url.clone(),
        role_secret: crate::ROLE_SECRET.to_owned(),
    };
    migrations::prepare(&admin).await.expect("again");
}
