//! What reads a past reads it by index, and only the months it is about.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Months, NaiveTime, SecondsFormat, TimeDelta, Utc};
use core_service::ingest::NEIGHBOURHOODS;
use core_service::products::history::reach::OLDER;
use core_service::products::history::select::{self, Bounds, Kind};
use core_service::products::statistics::store as statistics;
use core_service::retention::{FORGET_BARS, FORGET_DAYS, LOOKS_OF_DAYS};
use db::{SystemTx, TenantTx};
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::stage::{API_CONNECTIONS, MINE, Stage};

const LISTINGS: i64 = 1_000;
/// Months of looks before the present one.
const MONTHS: u32 = 8;

/// The first instant of a month, so many months ago.
fn month(ago: u32) -> DateTime<Utc> {
    let today = Utc::now().date_naive();
    let first = today.with_day(1).expect("every month has one") - Months::new(ago);
    first.and_time(NaiveTime::MIN).and_utc()
}

fn name(at: DateTime<Utc>) -> String {
    at.format("history_%Y%m").to_string()
}

fn text(at: DateTime<Utc>) -> String {
    format!(
        "'{}'::timestamptz",
        at.to_rfc3339_opts(SecondsFormat::Secs, true)
    )
}

/// A look at every listing every 36 hours, every third with something new, and as many days before these months.
async fn fill(stage: &Stage) {
    let tenant = stage.tenant;
    let first = text(month(MONTHS));
    for sql in [
        "set session_replication_role = replica".to_owned(),
        format!("select catalog.ensure_history_months(({first})::date, current_date)"),
        format!(
            "insert into catalog.listing (source, marketplace, external_id, url)
             select 'amazon', 'US', 'B' || lpad(n::text, 9, '0'), 'https://x.example/' || n from generate_series(1, {LISTINGS}) n"
        ),
        "insert into catalog.listing_state (listing_id, version, observed_at) select id, 1, now() from catalog.listing".to_owned(),
        format!("insert into catalog.watch (tenant_id, listing_id) select '{tenant}', id from catalog.listing"),
        format!(
            r#"insert into catalog.history (listing_id, observed_at, "full", origin, offer, currency, price, availability, rank,
                                            rating_hundredths, review_count)
               select l.id, at, extract(day from at)::integer % 3 < 2, 1, 1, 'USD', 100 + extract(day from at)::integer, 'in_stock', 7, 450, 10
               from catalog.listing l, generate_series({first}, now(), interval '36 hours') at"#
        ),
        // One that is never ranked, rated or reviewed.
        format!(
            r#"with made as (insert into catalog.listing (source, marketplace, external_id, url)
                             values ('popmart', 'US', '1', 'https://x.example/p') returning id)
               insert into catalog.history (listing_id, observed_at, "full", origin, offer, currency, price, availability)
               select id, at, true, 1, 1, 'USD', 100, 'in_stock' from made, generate_series({first}, now(), interval '36 hours') at"#
        ),
        format!(
            "insert into catalog.history_bar (listing_id, metric, day, currency, open, high, low, close, times, figures, last_at,
                                              steps, gap_us)
             select l.id, m, at::date, 'USD', 5, 5, 5, 5, array[at], array[5::bigint], at, 1, 0
             from catalog.listing l, generate_series({first} - interval '60 days', {first} - interval '1 day', interval '1 day') at,
                  unnest('{{0,3}}'::smallint[]) m"
        ),
        "insert into catalog.history_day (listing_id, day, looks, first_at, last_at)
             select distinct on (listing_id, day) listing_id, day, 1, last_at, last_at from catalog.history_bar".to_owned(),
        format!("update catalog.history_kept set raw_from = {first}"),
        "set session_replication_role = origin".to_owned(),
        "analyze catalog.history, catalog.history_bar, catalog.history_day, catalog.watch, catalog.listing, catalog.listing_state".to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *stage.owner.acquire().await.expect("a connection")).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Parameters written out: as constants they are planned for, as they are in requests.
fn written(sql: &str, values: &[&str]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered.fold(sql.to_owned(), |sql, (place, value)| {
        sql.replace(&format!("${}", place + 1), value)
    })
}

enum As {
    Tenant,
    /// As [`Self::Tenant`], planned once for any of these values.
    Once(Vec<String>),
    System,
}

fn once(values: &[&str]) -> As {
    As::Once(values.iter().copied().map(str::to_owned).collect())
}

async fn plan(stage: &Stage, who: As, sql: &str) -> Value {
    let explain = format!("explain (analyze, format json) {sql}");
    let statement = Statement::from_string(DbBackend::Postgres, explain);
    let row = match who {
        As::Tenant => {
            let tx = TenantTx::begin(&stage.pools.api, stage.tenant)
                .await
                .expect("begun");
            tx.query_one_raw(statement).await
        }
        As::Once(values) => {
            let tx = TenantTx::begin_planning_once(&stage.pools.api, stage.tenant)
                .await
                .expect("begun");
            let prepare = format!("prepare once as {sql}");
            tx.execute_unprepared(&prepare).await.expect("prepared");
            let explain = format!(
                "explain (analyze, format json) execute once ({})",
                values.join(", ")
            );
            let row = tx
                .query_one_raw(Statement::from_string(DbBackend::Postgres, explain))
                .await;
            tx.execute_unprepared("deallocate once")
                .await
                .expect("forgotten");
            row
        }
        As::System => {
            let tx = SystemTx::begin(&stage.pools.system).await.expect("begun");
            tx.query_one_raw(statement).await
        }
    };
    let row = row
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .expect("a plan");
    let plan: Value = row.try_get_by_index(0).expect("JSON");
    plan[0]["Plan"].clone()
}

/// Tables that the plan read from end to end, and the months that it read at all.
fn read(plan: &Value, scanned: &mut Vec<String>, months: &mut Vec<String>) {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let relation = plan["Relation Name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if number("Actual Loops") > 0.0 {
        let rows =
            (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
        let sequential = plan["Node Type"]
            .as_str()
            .is_some_and(|node| node.contains("Seq Scan"));
        if sequential && rows > 500.0 {
            scanned.push(relation.clone());
        }
        if relation.starts_with("history_2") {
            months.push(relation);
        }
    }
    for child in plan["Plans"].as_array().into_iter().flatten() {
        read(child, scanned, months);
    }
}

#[tokio::test]
async fn the_past_is_read_by_index_and_by_the_month() {
    let stage = Stage::new().await;
    fill(&stage).await;
    let (from, to) = (month(5), month(4) - TimeDelta::seconds(1));
    let lately = from - TimeDelta::days(31);
    let now = Utc::now();
    let (at_from, at_to) = (text(from), text(to));
    let (first, gone) = (
        text(month(MONTHS)),
        text(month(MONTHS) - TimeDelta::days(30)),
    );
    let (ids, three) = ("'{10,11,12}'", "'{0,3}'::smallint[]");
    let (lines, price, rank) = ("'{0,3}'", "'{0}'", "'{3}'");
    let days = format!("array[({gone})::date + 3, ({gone})::date + 5]");
    let bounds = |days| Bounds { begins: true, days };
    let late = text(from + TimeDelta::days(10));
    let (offered, yes, no) = ("1", "'{t}'::boolean[]", "'{f}'::boolean[]");
    // What is read, with which months it is about: none where days stand for looks.
    let one_month = Some((name(from), name(to)));
    let whole = Some((name(month(MONTHS)), name(now)));
    // Back to what was known, and on to the next look that knows everything.
    let about_late = Some((name(month(MONTHS)), name(from)));
    let cases = [
        ("a range of lines and what held", once(&[ids, &at_from, &at_to, "601", price, rank, &text(lately)]), select::points(bounds(false)), Some((name(lately), name(to)))),
        ("a range thinned", once(&[ids, &at_from, &at_to, "3600000000", "0"]), select::stretches(Kind::Money, false), one_month.clone()),
        ("a range before all looks", once(&[ids, &gone, &text(month(MONTHS) - TimeDelta::seconds(1)), "601", price, rank, &gone, &first]), select::points(bounds(true)), None),
        ("a range across", once(&[ids, &gone, &text(month(MONTHS - 1) - TimeDelta::seconds(1)), "3600000000", "0", &first]), select::stretches(Kind::Money, true), Some((name(month(MONTHS)), name(month(MONTHS))))),
        ("what held long", once(&[ids, &at_to, &at_from, lines]), select::held(false), one_month.clone()),
        ("what held long before all looks", once(&[ids, &first, &gone, lines, &first]), select::held(true), None),
        ("whether there is more", once(&[ids, &gone]), OLDER.to_owned(), None),
        ("changes", As::Tenant, written(statistics::CHANGES, &["10", &at_from, &at_to, "100000"]), one_month.clone()),
        ("looks", As::Tenant, written(statistics::LOOKS, &["10", &at_from, &at_to]), one_month.clone()),
        ("the first look", As::Tenant, written(statistics::FIRST, &["10"]), whole.clone()),
        ("extremes", As::Tenant, written(statistics::EXTREMES, &["10", &at_from, &at_to, "'USD'"]), one_month.clone()),
        ("extremes of days", As::Tenant, written(statistics::EXTREMES_OF_DAYS, &["10", &gone, &first, "'USD'", "0", "3"]), None),
        ("days", As::Tenant, written(&statistics::days(), &["10", &gone, &first, three, &gone]), None),
        ("looks of days", As::Tenant, written(statistics::LOOKS_OF_DAYS, &["10", &gone, &first]), None),
        (
            "days to reckon",
            As::System,
            written(&LOOKS_OF_DAYS.replace("{columns}", "offer"), &[
                "'{10,11}'::bigint[]",
                &format!("array[{at_from}, {at_from}]"),
                &format!("array[{late}, {late}]"),
                &format!("array[{late} + interval '1 day', {late} + interval '1 day']"),
            ]),
            one_month.clone(),
        ),
        (
            "around a late look",
            As::System,
            written(NEIGHBOURHOODS, &[&["'{10}'::bigint[]", &format!("array[{late}]"), &format!("array[{late}]"), offered][..], &[yes; 8]].concat()),
            about_late,
        ),
        (
            "around a late look of a source without ranks and reviews",
            As::System,
            written(NEIGHBOURHOODS, &["'{1001}'::bigint[]", &format!("array[{late}]"), &format!("array[{late}]"), offered, yes, no, no, no, yes, no, no, no]),
            one_month.clone(),
        ),
        ("bars to forget", As::System, written(FORGET_BARS, &["'{10,11}'::bigint[]", &days, "'{0,1,2,3,4,5,6,7}'::smallint[]"]), None),
        ("days to forget", As::System, written(FORGET_DAYS, &["'{10,11}'::bigint[]", &days]), None),
        (
            "states to lock",
            As::System,
            "select * from catalog.listing_state where listing_id = any('{10,20,30}') order by listing_id for update".to_owned(),
            None,
        ),
    ];
    for (what, who, sql, about) in cases {
        let plan = plan(&stage, who, &sql).await;
        let (mut scanned, mut months) = (Vec::new(), Vec::new());
        read(&plan, &mut scanned, &mut months);
        assert_eq!(scanned, Vec::<String>::new(), "{what}: {plan:#}");
        match about {
            Some((oldest, newest)) => assert!(
                !months.is_empty()
                    && months
                        .iter()
                        .all(|month| (&oldest..=&newest).contains(&month)),
                "{what}: {months:?}, not {oldest} to {newest}: {plan:#}"
            ),
            None => assert_eq!(months, Vec::<String>::new(), "{what}: {plan:#}"),
        }
    }
}

/// The statements about history that the pool's connections keep, and how often any was planned for its values.
async fn kept(stage: &Stage) -> (BTreeSet<String>, i64) {
    // All that the pool has, so that none is missed.
    let mut all = Vec::new();
    for _ in 0..API_CONNECTIONS {
        let tx = TenantTx::begin(&stage.pools.api, stage.tenant).await;
        all.push(tx.expect("begun"));
    }
    let (mut statements, mut custom) = (BTreeSet::new(), 0);
    for tx in &all {
        let sql = "select statement, custom_plans from pg_prepared_statements
                   where statement like '%catalog.product_history%' and statement not like '%pg_prepared_statements%'";
        let rows = tx
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .expect("told");
        for row in rows {
            statements.insert(row.try_get::<String>("", "statement").expect("a text"));
            custom += row.try_get::<i64>("", "custom_plans").expect("a count");
        }
    }
    (statements, custom)
}

#[tokio::test]
async fn histories_of_any_metrics_are_read_by_the_same_few_plans() {
    let stage = Stage::new().await;
    fill(&stage).await;
    let from = (Utc::now() - TimeDelta::days(20)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let ask = async |metric: &str| {
        for query in [
            format!("&from={from}"),
            format!("&from={from}&points=10"),
            String::new(),
        ] {
            let path = format!("/products/10/history?metric={metric}{query}");
            let answer = stage.get(MINE, &path).await;
            assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        }
    };
    // Those that were seen lately, and one that never was.
    ask("price,list_price,rank").await;
    let (first, _) = kept(&stage).await;
    assert!(!first.is_empty(), "nothing is kept");
    for metric in [
        "rank",
        "list_price",
        "price,buy_box_price",
        "rank,rating,review_count",
        "price,stock_quantity",
    ] {
        ask(metric).await;
    }
    let (all, custom) = kept(&stage).await;
    assert_eq!(all, first, "other metrics are no other statement");
    assert_eq!(custom, 0, "none was planned for its values");
}

#[tokio::test]
async fn no_statement_is_compiled_before_it_runs() {
    let stage = Stage::new().await;
    let sql = "select current_setting('jit')";
    for pool in [&stage.api, stage.pools.system.sqlx()] {
        let jit: String = sqlx::query_scalar(sql).fetch_one(pool).await.expect("told");
        assert_eq!(jit, "off");
    }
}
