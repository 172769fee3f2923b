//! Listings and their past, made by the owner.

use std::time::Instant;

use anyhow::ensure;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use tokio::process::Command;

/// What titles are made of, and searched for.
pub const WORDS: [&str; 6] = ["lamp", "chair", "speaker", "kettle", "bottle", "camera"];
/// Rows of one statement, about.
const ROWS: u64 = 1_000_000;
/// Before this many days ago lies what the larger history has more.
const RECENT_DAYS: u64 = 90;
/// How far back that goes.
const OLDER_DAYS: u64 = 1_000;

/// A listing's id at its source.
pub fn external_id(number: u32) -> String {
    format!("B0{number:08}")
}

/// Listings that one tenant tracks under the default rules.
pub async fn listings(owner: &mut PgConnection, count: u32, tenant: &str) -> anyhow::Result<()> {
    println!("making {count} tracked listings");
    let words = WORDS.map(|word| format!("'{word}'")).join(",");
    run(
        owner,
        &format!(
            "insert into catalog.listing (source, marketplace, external_id, url, title, brand)
             select 'amazon', 'US', 'B0' || lpad(n::text, 8, '0'), 'https://www.amazon.com/dp/' || n,
                    'Number ' || to_hex(n * 79) || ' ' || (array[{words}])[1 + n % {}], 'Brand ' || n % 500
             from generate_series(1, {count}) n;
             insert into catalog.listing_state (listing_id) select id from catalog.listing;
             insert into catalog.watch (tenant_id, listing_id) select '{tenant}', id from catalog.listing;
             insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
             select '{tenant}', gen_random_uuid(), id, 3600 from catalog.listing;
             analyze catalog.listing, catalog.watch, catalog.tracking",
            WORDS.len()
        ),
    )
    .await
}

/// So many looks at each listing over the last 90 days, and the states that they leave.
pub async fn recent(owner: &mut PgConnection, listings: u32, each: u64) -> anyhow::Result<()> {
    looks(owner, listings, each, RECENT_DAYS, 1).await?;
    run(
        owner,
        &format!(
            "update catalog.listing_state s
             set (version, observed_at, changed_at, offer, currency, price, availability, in_stock, rank, ranks, known_price,
                  known_currency, known_rank, compared_price)
               = (1, h.observed_at, h.observed_at, 1, 'USD', h.price, 'in_stock', true, h.rank, h.ranks, h.price, 'USD', h.rank,
                  h.price * 100)
             from (select distinct on (listing_id) * from catalog.history order by listing_id, observed_at desc) h
             where h.listing_id = s.listing_id;
             select catalog.catch_up_shelf({listings});
             vacuum (analyze) catalog.listing_state;
             vacuum (analyze) catalog.shelf;
             vacuum (analyze) catalog.shelf_behind;
             vacuum (analyze) catalog.search_text"
        ),
    )
    .await
}

/// So many looks at each listing before these.
pub async fn older(owner: &mut PgConnection, listings: u32, each: u64) -> anyhow::Result<()> {
    looks(owner, listings, each, OLDER_DAYS, RECENT_DAYS + 1).await
}

/// Looks at even distances, the newest `last_day` days ago; every third finds something new, as does the first of a month.
async fn looks(
    owner: &mut PgConnection,
    listings: u32,
    each: u64,
    days: u64,
    last_day: u64,
) -> anyhow::Result<()> {
    let step = days * 86_400 / each.max(1);
    let first_day = last_day + days + 1;
    run(
        owner,
        &format!("select catalog.ensure_history_months(current_date - {first_day}, current_date)"),
    )
    .await?;
    let (part, began) = ((ROWS / u64::from(listings)).max(1), Instant::now());
    let mut done = 0;
    while done < each {
        let until = (done + part).min(each);
        run(
            owner,
            &format!(
                "insert into catalog.history (listing_id, observed_at, \"full\", origin, offer, currency, price,
                                              availability, in_stock, rank, ranks)
                 select n, at, f, 1, case when f then 1 end, case when f then 'USD' end, case when f then 2000 + v % 9 * 10 end,
                        case when f then 'in_stock' end, case when f then true end, case when f then v end,
                        case when f then jsonb_build_array(jsonb_build_object('category', 'Electronics', 'rank', v)) end
                 from (select n, at, 1 + (n + h * 31) % 5000 as v,
                              h % 3 = 0 or date_trunc('month', at) <> date_trunc('month', at - interval '{step} seconds') as f
                       from generate_series({done}, {until} - 1) h, generate_series(1, {listings}) n
                       cross join lateral (
                           select date_trunc('day', now()) - interval '{last_day} days' - h * interval '{step} seconds'
                                  - n % 600 * interval '1 second' as at) a) looks"
            ),
        )
        .await?;
        done = until;
        println!(
            "{} of {} looks made, {:.0} s",
            done * u64::from(listings),
            each * u64::from(listings),
            began.elapsed().as_secs_f64()
        );
    }
    run(owner, "vacuum (analyze) catalog.history").await?;
    run(owner, "checkpoint").await
}

/// Reads the listings and the months that answers are about into memory, and waits until nothing is being written any
/// more: making a long past takes minutes, pushes out what was read before, and leaves the disk busy.
pub async fn settle(owner: &mut PgConnection) -> anyhow::Result<()> {
    // The month before the first is asked for what held then.
    let days = RECENT_DAYS + 31;
    run(
        owner,
        &format!(
            "create extension if not exists pg_prewarm;
             select pg_prewarm(i.indrelid), pg_prewarm(i.indexrelid)
             from pg_index i join pg_class c on c.oid = i.indrelid
             where c.relnamespace = 'catalog'::regnamespace and c.relkind = 'r'
               and (c.relname in ('listing', 'listing_state', 'watch', 'tracking')
                    or c.relname ~ '^history_[0-9]+$'
                       and c.relname >= 'history_' || to_char(current_date - {days}, 'YYYYMM'))"
        ),
    )
    .await?;
    let written = Command::new("sync").status().await?;
    ensure!(written.success(), "sync: {written}");
    Ok(())
}

/// Statements one by one: VACUUM wants to be alone.
async fn run(owner: &mut PgConnection, sql: &str) -> anyhow::Result<()> {
    for statement in sql.split(';') {
        let statement = AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&mut *owner).await?;
    }
    Ok(())
}
