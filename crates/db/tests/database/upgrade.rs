//! A database of an earlier version, with rows in it, becomes one of today's.

use devstack::testing::{ROLE_SECRET, TestEnv};
use migrations::Admin;
use sea_orm::sqlx::{self, Connection, PgConnection};

/// As many steps as made the first version that people used.
const FIRST: u32 = 9;

const ROWS: &str = "
    insert into identity.tenant (id, slug, name, status) values
        ('00000000-0000-0000-0000-0000000000a1', 'acme', 'Acme', 'active'),
        ('00000000-0000-0000-0000-0000000000b1', 'beta', 'Beta', 'suspended');
    insert into identity.user_account (id, email, password_hash) values
        ('00000000-0000-0000-0000-0000000000a2', 'ann@example.com', 'x');
    insert into identity.membership (tenant_id, user_id, role) values
        ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a2', 'owner');
    insert into identity.session (tenant_id, id, user_id) values
        ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a3',
         '00000000-0000-0000-0000-0000000000a2');
    insert into identity.api_key (tenant_id, id, name, prefix, key_sha256, scopes) values
        ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a4', 'old', 'bw_live_x', 'x', '{read}');

    insert into catalog.listing (source, marketplace, external_id, url) values ('amazon', 'US', 'B0OLD', 'https://x.test/1');
    insert into catalog.listing_state (listing_id, observed_at, offer, price, currency, known_price, known_currency)
        select id, now(), 1, 3000, 'JPY', 3000, 'JPY' from catalog.listing;
    insert into catalog.watch (tenant_id, listing_id)
        select '00000000-0000-0000-0000-0000000000a1', id from catalog.listing;
    insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds, created_at)
        select '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a5', id, 3600, '2026-01-02Z'
        from catalog.listing;
    insert into catalog.alert_rule (tenant_id, id, kind, threshold_bp) values
        ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a6', 'price', 1000);

    insert into crawl.target (id, source, marketplace, external_id, url, interval_seconds, next_due_at)
        select id, source, marketplace, external_id, url, 3600, now() from catalog.listing;
    insert into crawl.tracking (tenant_id, id, target_id, interval_seconds, version, live)
        select tenant_id::uuid, '00000000-0000-0000-0000-0000000000a5', id, 3600, 1, live
        from crawl.target, (values ('00000000-0000-0000-0000-0000000000a1', true),
                                   ('00000000-0000-0000-0000-0000000000b1', false)) as t (tenant_id, live);
";

/// What must be true afterwards, and a line that says so.
const TRUE_NOW: &[(&str, &str)] = &[
    ("select bool_and(t.external_id = g.external_id) from crawl.tracking t join crawl.target g on g.id = t.target_id",
     "trackings know the source's own id"),
    ("select payer_id = '00000000-0000-0000-0000-0000000000a1' from crawl.target", "who tracks it pays"),
    ("select count(*) = 3 from crawl.payer", "in each of the three queues"),
    ("select condition is not null and seeded from catalog.alert_rule", "rules are conditions"),
    ("select rules_since = created_at from catalog.tracking", "rules apply since the beginning"),
    ("select tracked_products = 1 from catalog.usage", "places are counted"),
    ("select bool_and(asked = live) from crawl.tracking", "what was stopped is not asked for"),
    ("select compared_price = 30000000 from catalog.listing_state", "3,000 yen compare as such"),
    ("select count(*) = 1 from catalog.shelf", "it stands on the shelf"),
    ("select suspended_for is not null from identity.tenant where slug = 'beta'", "there is a reason"),
    (
        "select count(*) = 0 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('identity', 'crawl', 'catalog') and c.relrowsecurity and not c.relforcerowsecurity",
        "every policy binds the owner, too",
    ),
];

#[tokio::test]
async fn rows_of_an_earlier_version_are_kept_and_brought_along() {
    let env = TestEnv::empty().await.expect("engines");
    let as_admin = Admin {
        url: env.database_url.clone(),
        role_secret: ROLE_SECRET.to_owned(),
    };
    migrations::prepare_to(&as_admin, Some(FIRST))
        .await
        .expect("an earlier version");
    let mut admin = PgConnection::connect(&env.database_url)
        .await
        .expect("a login that no policy binds");
    sqlx::raw_sql(ROWS).execute(&mut admin).await.expect("rows");
    migrations::prepare(&as_admin)
        .await
        .expect("today's version");
    for (sql, why) in TRUE_NOW {
        let holds: Option<bool> = sqlx::query_scalar(*sql)
            .fetch_one(&mut admin)
            .await
            .unwrap_or_else(|error| panic!("{why}: {error}"));
        assert_eq!(holds, Some(true), "{why}");
    }
}
