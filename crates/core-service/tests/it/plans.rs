//! Reads of a tenant's few products among very many listings use their indexes.

use std::time::Instant;

use axum::extract::FromRequestParts;
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use core_service::products::facets;
use core_service::products::filter::ProductFilter;
use core_service::products::history::select::{self, Bounds, Kind};
use core_service::products::list::{Asked, Part};
use core_service::products::search::How;
use core_service::products::statistics::store as statistics;
use db::TenantTx;
use http_kit::Paged;
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::stage::{MINE, Stage};

const LISTINGS: i64 = 300_000;
const WATCHES: i64 = 300;
const LARGE_WATCHES: i64 = 200_000;
const MONITOR: &str = "0199c3a0-0000-7000-8000-0000000000aa";

async fn fill(stage: &Stage) {
    let (tenant, large) = (stage.tenant, stage.other_tenant);
    let step = LISTINGS / WATCHES;
    // Built at once it takes a fraction of the time.
    let mut rebuilt = Vec::new();
    for index in ["search_text_trigrams", "search_text_words"] {
        let made = format!("select pg_get_indexdef('catalog.{index}'::regclass)");
        rebuilt.push((
            format!("drop index catalog.{index}"),
            stage.one(&made).await,
        ));
    }
    let (dropped, made): (Vec<String>, Vec<String>) = rebuilt.into_iter().unzip();
    for sql in [
        dropped.join("; "),
        format!(
            "insert into catalog.listing (source, marketplace, external_id, url, title, brand, series, category, is_limited)
             select case when n % 3 = 0 then 'popmart' else 'amazon' end, 'US', 'B' || lpad(n::text, 9, '0'), 'https://x.example/' || n,
                    (array['Blue','Red','Silent','Little','Great'])[1 + n % 5] || ' ' ||
                    (array['lamp','chair','speaker','figure','bottle','kettle','camera'])[1 + n % 7] || ' ' || to_hex(n * 79) || case when n % 1500 = 0 then ' 盲盒' else '' end,
                    'Brand ' || n % 500, 'Series ' || n % 2000, 'Home > Category ' || n % 40, n % 10 = 0
             from generate_series(1, {LISTINGS}) n"
        ),
        format!(
            "insert into catalog.listing_state (listing_id, version, observed_at, changed_at, offer, currency, price,
                    availability, in_stock, rank, known_price, known_currency, compared_price, known_rank)
             select n, 1, now() - n * interval '1 second', now() - n * interval '1 second', 1, 'USD', 100 + n % 9000, 'in_stock',
                    n % 4 <> 0, n, 100 + n % 9000, 'USD', (100 + n % 9000) * 100, (n::bigint * 7919 % {LISTINGS})::integer from generate_series(1, {LISTINGS}) n"
        ),
        format!(
            "insert into catalog.watch (tenant_id, listing_id, created_at)
             select '{tenant}'::uuid, n, now() - n * interval '1 second' from generate_series({step}, {LISTINGS}, {step}) n
             union all
             select '{large}'::uuid, n, now() - n * interval '1 second' from generate_series(1, {LARGE_WATCHES}) n"
        ),
        "insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
         select tenant_id, gen_random_uuid(), listing_id, 3600 from catalog.watch"
            .to_owned(),
        r#"insert into catalog.history (listing_id, observed_at, "full", origin, offer, currency, price, availability)
           select n, now() - h * interval '18 hours', h % 3 = 0, 1, 1, 'USD', 100 + h, 'in_stock'
           from generate_series(500, 1500) n, generate_series(0, 100) h"#
            .to_owned(),
        format!(
            "insert into catalog.monitor_hit (tenant_id, monitor_id, listing_id, first_seen_at, last_seen_at)
             select '{tenant}'::uuid, '{MONITOR}'::uuid, n, now(), now() from generate_series({step}, {LISTINGS}, {step}) n
             union all
             select '{large}'::uuid, '{MONITOR}'::uuid, n, now(), now() from generate_series(1, {LARGE_WATCHES}) n"
        ),
        format!(
            "insert into catalog.refusal (listing_id, day, code, reason, observed_at)
             select n, current_date, 'price_not_positive', 'price is not positive', now() from generate_series(1, {LISTINGS}, 10) n"
        ),
        format!(
            "insert into catalog.quarantine (id, listing_id, observed_at, round, reason, set_apart_at)
             select gen_random_uuid(), n, now(), 1, 'far off', now() from generate_series(1, {LISTINGS}, 10) n"
        ),
        // Rows that are made so do not shelve themselves.
        "select catalog.shelve(array(select id from catalog.listing)),
                catalog.write_search_text(array(select id from catalog.listing))"
            .to_owned(),
        // Of one value for all there is nothing to plan by.
        "update catalog.shelf set popularity = listing_id % 101, rating = listing_id % 500, review_count = listing_id % 9999,
                price_change = listing_id % 7000 - 3500"
            .to_owned(),
        made.join("; "),
        "analyze catalog.monitor_hit, catalog.refusal, catalog.quarantine, catalog.shelf, catalog.search_text".to_owned(),
        "analyze catalog.listing, catalog.listing_state, catalog.watch, catalog.tracking, catalog.history".to_owned(),
    ] {
        let mut connection = stage.owner.acquire().await.expect("a connection");
        // Only the rows matter here: keys are checked elsewhere.
        sqlx::raw_sql("set session_replication_role = replica").execute(&mut *connection).await.expect("set");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.expect("filled");
    }
}

/// The plan of a statement as the tenant's request would run it, values in place of parameters.
async fn plan(stage: &Stage, tenant: uuid::Uuid, sql: &str) -> (Value, f64) {
    let tx = TenantTx::begin(&stage.pools.api, tenant)
        .await
        .expect("begun");
    let explain = format!("explain (analyze, format json) {sql}");
    let row = tx
        .query_one_raw(Statement::from_string(DbBackend::Postgres, explain))
        .await
        .expect("explained")
        .expect("a plan");
    let plan: Value = row.try_get_by_index(0).expect("JSON");
    let time = plan[0]["Execution Time"].as_f64().expect("a time");
    (plan[0]["Plan"].clone(), time)
}

/// Relations that the plan reads from end to end, unless they are next to empty.
fn scanned(plan: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let rows = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
    if plan["Node Type"]
        .as_str()
        .is_some_and(|node| node.contains("Seq Scan"))
        && rows > 500.0
    {
        found.push(
            plan["Relation Name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    for child in plan["Plans"].as_array().into_iter().flatten() {
        found.extend(scanned(child));
    }
    found
}

/// The most rows that any step of the plan gave.
fn widest(plan: &Value) -> f64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let rows = number("Actual Rows") * number("Actual Loops");
    let below = plan["Plans"].as_array().into_iter().flatten().map(widest);
    below.fold(rows, f64::max)
}

/// The filter and page of a request.
async fn asked(query: &str) -> Paged<ProductFilter> {
    let request = axum::http::Request::builder()
        .uri(format!("/?{query}"))
        .body(())
        .expect("a request");
    Paged::from_request_parts(&mut request.into_parts().0, &())
        .await
        .expect("read")
}

fn with_values((sql, values): (String, Vec<sea_orm::Value>)) -> String {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values).to_string()
}

/// The product list's statement with its parameters written out.
async fn products(query: &str) -> String {
    searched(query, How::Written, Part::Known).await
}

async fn searched(query: &str, how: How, part: Part) -> String {
    let Paged { filter, page } = asked(query).await;
    let asked = Asked::read(&filter, &page).expect("a request");
    with_values(
        asked
            .statement(how, part, page.fetch())
            .expect("a statement"),
    )
}

/// The statement that counts facets, written out.
async fn counted(query: &str) -> String {
    let filter = asked(query).await.filter;
    with_values(facets::statement(&filter, How::Written).expect("a statement"))
}

const IDS: &str = "'{1000,1001,1002}'";
const NOW: &str = "date_trunc('second', now())";
const MONTH: &str = "date_trunc('month', now())";
const YEAR: &str = "date_trunc('month', now()) - interval '366 days'";

/// A statement with its parameters written out; times become constants before it is planned, as parameters are.
fn written(sql: &str, values: &[&str]) -> String {
    let times = [
        (NOW, Utc::now()),
        (MONTH, month_start()),
        (YEAR, month_start() - TimeDelta::days(366)),
    ];
    (1..)
        .zip(values)
        .fold(sql.to_owned(), |sql, (place, value)| {
            let time = times.iter().find(|(name, _)| name == value);
            let value = time.map_or_else(
                || (*value).to_owned(),
                |(_, at)| format!("'{}'::timestamptz", at.to_rfc3339()),
            );
            sql.replace(&format!("${place}"), &value)
        })
}

fn month_start() -> DateTime<Utc> {
    let now = Utc::now();
    let day = now.date_naive().with_day(1).expect("every month has one");
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The name of the partition of the month that [`in_a_month`] reads from.
fn first_month() -> String {
    month_start().format("history_%Y%m").to_string()
}

/// Reads of the present month.
fn in_a_month() -> Vec<(&'static str, String)> {
    vec![
        (
            "a month of lines",
            written(
                &select::points(Bounds {
                    begins: true,
                    days: false,
                }),
                &[IDS, MONTH, NOW, "601", "'{0}'", "'{3}'", MONTH],
            ),
        ),
        (
            "a month thinned",
            written(
                &select::stretches(Kind::Money, false),
                &[IDS, MONTH, NOW, "3600000000", "0"],
            ),
        ),
        (
            "a month of changes",
            written(statistics::CHANGES, &["1000", MONTH, NOW, "100000"]),
        ),
        (
            "a month of looks",
            written(statistics::LOOKS, &["1000", MONTH, NOW]),
        ),
    ]
}

/// The months of history that the plan really read.
fn touched_months(plan: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let ran = plan["Actual Loops"].as_f64().unwrap_or_default() > 0.0;
    let relation = plan["Relation Name"].as_str().unwrap_or_default();
    if ran && relation.starts_with("history_") {
        found.push(relation.to_owned());
    }
    for child in plan["Plans"].as_array().into_iter().flatten() {
        found.extend(touched_months(child));
    }
    found
}

#[tokio::test]
async fn a_small_tenants_reads_use_indexes_among_300_000_listings() {
    let stage = Stage::new().await;
    let started = Instant::now();
    fill(&stage).await;
    println!("filled in {:?}", started.elapsed());
    let reads = [
        ("first page", products("").await),
        ("search", products("q=lamp").await),
        ("search for an id", products("q=B000150000").await),
        ("search in Chinese", products("q=%E7%9B%B2%E7%9B%92").await),
        ("search for two letters", products("q=sp").await),
        ("search by likeness", searched("q=lampp", How::Alike, Part::Known).await),
        ("search by price", products("q=lamp&sort=price").await),
        ("facets", counted("").await),
        ("facets of a search", counted("q=lamp&in_stock=true").await),
        ("facets of a brand", counted("brand=Brand%200").await),
        ("unknown prices", searched("sort=price", How::Written, Part::Unknown).await),
        ("filters", products("brand=Brand%200&in_stock=false&source=amazon&type=limited").await),
        ("cheapest", products("sort=price").await),
        ("variants", products("parent_id=1000").await),
        ("what a monitor found", products(&format!("monitor={MONITOR}")).await),
        (
            "what is set apart",
            "select id from catalog.product_quarantine where listing_id = 1001 and resolved_at is null".to_owned(),
        ),
        ("what was refused", "select code from catalog.product_refusal where listing_id = 1001".to_owned()),
        ("one product", format!("select * from catalog.product_of('{}', 1000)", stage.tenant)),
        ("products together", format!("select * from catalog.products_of('{{{0}, {0}}}', '{{1000, 1001}}')", stage.tenant)),
        (
            "what those read",
            "select p.* from unnest('{1000, 1001}'::bigint[]) as u (id) join catalog.product p on p.id = u.id".to_owned(),
        ),
        ("whole history", written(&select::points(Bounds { begins: false, days: false }), &[IDS, NOW, NOW, "601", "'{0}'", "'{3}'"])),
        ("what held before", written(&select::held(false), &[IDS, MONTH, YEAR, "'{0,3}'"])),
        ("first look", written(statistics::FIRST, &["1000"])),
    ];
    for (name, sql) in &reads {
        let (plan, time) = plan(&stage, stage.tenant, sql).await;
        println!("{name}: {time:.2} ms");
        assert_eq!(scanned(&plan), Vec::<String>::new(), "{name}: {plan:#}");
        assert!(time < 100.0, "{name} took {time} ms: {plan:#}");
    }
    for (name, sql) in in_a_month() {
        let (plan, time) = plan(&stage, stage.tenant, &sql).await;
        println!("{name}: {time:.2} ms");
        assert_eq!(scanned(&plan), Vec::<String>::new(), "{name}: {plan:#}");
        let months = touched_months(&plan);
        assert!(
            !months.is_empty() && months.iter().all(|month| *month >= first_month()),
            "{name}: {months:?} {plan:#}"
        );
        assert!(time < 100.0, "{name} took {time} ms: {plan:#}");
    }
    // A large tenant's first page comes in the order of an index: of its 200,000 rows only those of the page are read.
    for sort in [
        "-created_at",
        "-last_changed_at",
        "title",
        "price",
        "-price",
        "rank",
        "-rank",
        "-rating",
        "-review_count",
        "price_change",
        "-price_change",
        "-popularity",
    ] {
        let (plan, time) = plan(
            &stage,
            stage.other_tenant,
            &products(&format!("sort={sort}")).await,
        )
        .await;
        println!("a tenant of {LARGE_WATCHES}, by {sort}: {time:.2} ms");
        assert_eq!(scanned(&plan), Vec::<String>::new(), "{sort}: {plan:#}");
        assert!(widest(&plan) < 5_000.0, "{sort}: {plan:#}");
    }
    for (name, sql) in [
        ("search", products("q=lamp").await),
        ("search for an id", products("q=B000150000").await),
        ("search in Chinese", products("q=%E7%9B%B2%E7%9B%92").await),
        (
            "a brand's cheapest",
            products("brand=Brand%200&in_stock=false&sort=price").await,
        ),
        ("facets", counted("").await),
        ("facets of a brand", counted("brand=Brand%200").await),
        ("facets of a search", counted("q=B000150000").await),
    ] {
        let (_, time) = plan(&stage, stage.other_tenant, &sql).await;
        println!("a tenant of {LARGE_WATCHES}, {name}: {time:.2} ms");
    }
    let answer = stage.get(MINE, "/products?q=lamp&limit=5").await;
    assert_eq!(
        answer.body["items"].as_array().map(Vec::len),
        Some(5),
        "{}",
        answer.body
    );
}
