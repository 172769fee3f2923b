//! Days take the place of looks: equal however often and in what order the looks came, and made again when one comes
//! late; months are dropped while observations come in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use contracts::catalog::v1::outcome::Status::Changed;
use contracts::catalog::v1::{Observation, Origin, values::Offer as WireOffer};
use core_service::retention::{Reckoned, forget, reckon};
use domain::observation::{CategoryRank, Offer, Values};
use domain::statistics::Series;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection};
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0RETAIN01";

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The first instant of a month, so many months ago.
fn month(ago: u32) -> DateTime<Utc> {
    let today = Utc::now().date_naive();
    let first = today.with_day(1).expect("every month has one");
    midnight(first - Months::new(ago))
}

/// A restless past: several looks a day, gaps, looks that learnt nothing, across the ends of months.
fn past(start: DateTime<Utc>, days: i64) -> Vec<Observation> {
    let looks = (0..days * 5).map(|n| {
        let look = seen(ASIN, start + TimeDelta::minutes(n * 288 + n % 7), 0);
        match n % 11 {
            3 => look.gone().rank(200),
            5 => look.rank(100),
            7 => look,
            _ => look
                .price(2_000 + (n / 2) % 9 * 10)
                .rank(i32::try_from(100 + n % 13).expect("small"))
                .rated(450, i32::try_from(n / 5).expect("small")),
        }
    });
    looks.collect()
}

/// What the wire says, as the domain has it.
fn values(observation: &Observation) -> Values {
    let told = observation.values.clone().expect("values");
    Values {
        offer: match told.offer() {
            WireOffer::Offered => Offer::Offered,
            WireOffer::None => Offer::None,
            _ => Offer::NotCollected,
        },
        currency: told.currency,
        price: told.price_minor,
        availability: domain::availability::Availability::parse(&told.availability)
            .unwrap_or_default(),
        in_stock: told.in_stock,
        ranks: told
            .ranks
            .into_iter()
            .map(|rank| CategoryRank {
                category: rank.category,
                rank: rank.rank,
            })
            .collect(),
        rating_hundredths: told.rating_hundredths,
        review_count: told.review_count,
        ..Values::default()
    }
}

/// What the days of a past come to, plainly: by metric and day, open, high, low and close.
type Bars = BTreeMap<(i16, NaiveDate), [Option<i64>; 4]>;

fn plain(looks: &[Observation]) -> Bars {
    let mut days: BTreeMap<NaiveDate, BTreeMap<DateTime<Utc>, Values>> = BTreeMap::new();
    for look in looks {
        let at = DateTime::from_timestamp_micros(look.observed_at_us).expect("a time");
        days.entry(at.date_naive())
            .or_default()
            .insert(at, values(look));
    }
    let mut bars = Bars::new();
    let mut note = |metric: Series, day: NaiveDate, told: Vec<Option<i64>>| {
        let known = || told.iter().copied().flatten();
        if let (Some(open), Some(close)) = (told.first(), told.last()) {
            let ends = [*open, known().max(), known().min(), *close];
            bars.insert((metric.number(), day), ends);
        }
    };
    for (day, looks) in &days {
        let each = |of: fn(&Values) -> Option<Option<i64>>| looks.values().filter_map(of).collect();
        note(
            Series::Price,
            *day,
            each(|look| match look.offer {
                Offer::NotCollected => None,
                Offer::Offered => Some(look.price),
                Offer::None => Some(None),
            }),
        );
        note(
            Series::Rank,
            *day,
            each(|look| Some(Some(look.rank()?.into()))),
        );
        note(
            Series::ReviewCount,
            *day,
            each(|look| Some(Some(look.review_count?.into()))),
        );
        note(
            Series::Stock,
            *day,
            each(|look| match look.offer {
                Offer::NotCollected => None,
                Offer::Offered => Some(Some(1)),
                Offer::None => Some(None),
            }),
        );
    }
    bars
}

async fn stored(stage: &Stage) -> Bars {
    type Row = (
        i16,
        NaiveDate,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let rows: Vec<Row> = sqlx::query_as(
        "select metric, day, open, high, low, close from catalog.history_bar b
             join catalog.listing l on l.id = b.listing_id where l.external_id = $1",
    )
    .bind(ASIN)
    .fetch_all(&stage.owner)
    .await
    .expect("bars");
    rows.into_iter()
        .map(|(metric, day, open, high, low, close)| ((metric, day), [open, high, low, close]))
        .collect()
}

async fn reckoned(stage: &Stage) -> Reckoned {
    reckon(&stage.pools.system, Utc::now())
        .await
        .expect("reckoned")
}

/// Both turns of dropping.
async fn dropped(stage: &Stage) {
    for _ in 0..2 {
        forget(&stage.state, Utc::now()).await.expect("dropped");
    }
}

async fn all(stage: &Stage) -> Vec<String> {
    let mut all = stage.dump("catalog.history_day").await;
    all.extend(stage.dump("catalog.history_bar").await);
    all
}

#[tokio::test]
async fn days_equal_a_plain_computation_in_whatever_order_the_looks_came() {
    let start = month(1) - TimeDelta::days(3) + TimeDelta::minutes(17);
    let looks = past(start, 9);
    let mut expected = None;
    for order in 0..3 {
        let stage = Stage::new().await;
        stage.track(MINE, ASIN).await;
        let mut arriving = looks.clone();
        match order {
            0 => {}
            1 => arriving.reverse(),
            _ => {
                arriving.sort_by_key(|look| (look.observed_at_us / 1_000_000 * 7_919) % 1_009);
                arriving.extend(looks.iter().take(20).cloned());
            }
        }
        for batch in arriving.chunks(8) {
            stage.imported(batch.to_vec()).await;
            if order > 0 {
                reckoned(&stage).await;
            }
        }
        reckoned(&stage).await;
        let days = all(&stage).await;
        let bars = stored(&stage).await;
        for (key, ends) in plain(&looks) {
            assert_eq!(bars.get(&key), Some(&ends), "{key:?}");
        }
        assert_eq!(
            stage
                .one::<i64>("select sum(looks) from catalog.history_day")
                .await,
            45
        );
        assert_eq!(*expected.get_or_insert(days.clone()), days);
        // Nothing is left to do, and doing it again changes nothing.
        assert_eq!(reckoned(&stage).await, Reckoned::default());
        sqlx::query("update catalog.history_kept set closed_until = closed_until - 200")
            .execute(&stage.owner)
            .await
            .expect("reopened");
        assert!(reckoned(&stage).await.closed >= 200);
        assert_eq!(all(&stage).await, days);
    }
}

#[tokio::test]
async fn looks_of_today_leave_no_mark_and_older_ones_do() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let marks = async || {
        stage
            .dump("catalog.history_mark")
            .await
            .into_iter()
            .map(|row| row.split_once(',').expect("columns").1.to_owned())
            .collect::<Vec<_>>()
    };
    stage.crawled(vec![seen(ASIN, ago(0), 1).price(1999)]).await;
    assert_eq!(marks().await, Vec::<String>::new());
    let late = seen(ASIN, ago(2 * 24 * 60), 0).price(1999);
    let day = (Utc::now() - TimeDelta::days(2)).date_naive();
    stage.imported(vec![late.clone()]).await;
    assert_eq!(marks().await, [format!("{product},{day})")]);
    reckoned(&stage).await;
    stage.imported(vec![late]).await;
    assert_eq!(marks().await, Vec::<String>::new(), "known already");
}

#[tokio::test]
async fn a_dropped_month_is_told_by_its_days_and_a_late_look_still_counts() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let start = month(20) + TimeDelta::days(3);
    let looks = past(start, 40);
    for batch in looks.chunks(100) {
        stage.imported(batch.to_vec()).await;
    }
    let recent = seen(ASIN, ago(60), 0).price(3_000).rank(50);
    stage.imported(vec![recent]).await;
    // A listing that only a small plan watches, and one that nobody does.
    stage.track(THEIRS, "B0RETAIN02").await;
    let small = seen("B0RETAIN02", start, 0).price(1_000);
    stage.imported(vec![small]).await;
    let before = statistics(&stage, product).await;
    let path = format!("/products/{product}/history?metric=price,rank&points=5000");
    let whole = stage.get(MINE, &path).await.body;

    reckoned(&stage).await;
    let bars = stored(&stage).await;
    dropped(&stage).await;
    let months: Vec<String> = stage.dump("pg_class").await;
    let name = start.format("history_%Y%m").to_string();
    assert!(
        !months.iter().any(|row| row.contains(&name)),
        "{name} is gone"
    );
    let left: i64 = stage.one("select count(*) from catalog.history").await;
    assert_eq!(left, 1, "what is recent stays");
    let of_theirs: i64 = stage
        .one(
            "select count(*) from catalog.history_day d join catalog.listing l on l.id = d.listing_id
             where l.external_id = 'B0RETAIN02'",
        )
        .await;
    assert_eq!(of_theirs, 0, "no plan reaches it");

    // What was exact stays: ends with their dates, and lines with their extremes and gaps.
    let after = statistics(&stage, product).await;
    for path in ["lowest", "highest", "current"] {
        assert_eq!(after["price"][path], before["price"][path], "{path}");
    }
    assert_eq!(after["rank"]["best"], before["rank"]["best"]);
    assert_eq!(after["rank"]["worst"], before["rank"]["worst"]);
    assert_eq!(after["since"], before["since"]);
    assert_eq!(after["looks"], before["looks"]);
    let told = stage.get(MINE, &path).await.body;
    assert!(told["daily_until"].is_string(), "{told}");
    for metric in ["price", "rank"] {
        assert_eq!(
            told["metrics"][metric], whole["metrics"][metric],
            "{metric}: no day had more moves than are kept"
        );
    }

    // The same file again changes nothing, and a look that was missing is added.
    for batch in looks.chunks(100) {
        stage.imported(batch.to_vec()).await;
    }
    reckoned(&stage).await;
    let again = stored(&stage).await;
    let mine = |bars: &Bars| -> Bars {
        bars.clone()
            .into_iter()
            .filter(|((metric, _), _)| *metric == 0)
            .collect()
    };
    assert!(
        mine(&again)
            .iter()
            .all(|(key, ends)| mine(&bars).get(key) == Some(ends))
    );
    let lowest = seen(ASIN, start + TimeDelta::minutes(5), 0).price(99);
    assert_eq!(stage.imported(vec![lowest]).await[0].0, Changed);
    reckoned(&stage).await;
    dropped(&stage).await;
    let last = statistics(&stage, product).await;
    assert_eq!(last["price"]["lowest"]["price"]["amount"], "0.99");
    let left: i64 = stage.one("select count(*) from catalog.history").await;
    assert_eq!(left, 1, "the months made again are dropped again");
}

/// Days of a product that are kept.
async fn kept(stage: &Stage, asin: &str) -> i64 {
    let sql = format!(
        "select count(*) from catalog.history_day d join catalog.listing l on l.id = d.listing_id
         where l.external_id = '{asin}'"
    );
    stage.one(&sql).await
}

#[tokio::test]
async fn days_stay_while_their_looks_do_whatever_plan_watches() {
    let stage = Stage::new().await;
    stage.track(THEIRS, ASIN).await;
    let old = month(10) + TimeDelta::days(3);
    for batch in past(old, 10).chunks(100) {
        stage.imported(batch.to_vec()).await;
    }
    reckoned(&stage).await;
    assert_eq!(kept(&stage, ASIN).await, 10);
    // Their plan sees 90 days, and the looks are there.
    dropped(&stage).await;
    assert_eq!(
        kept(&stage, ASIN).await,
        10,
        "a longer plan may come before the month goes"
    );
    // The longer plan is there now, and then the looks go.
    stage.track(MINE, ASIN).await;
    gone_before(&stage, month(2)).await;
    dropped(&stage).await;
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.history")
            .await,
        0
    );
    assert_eq!(kept(&stage, ASIN).await, 10);
}

#[tokio::test]
async fn what_is_public_is_kept_as_if_nobody_watched_however_small_the_plan() {
    let stage = Stage::new().await;
    let (imported, older) = (month(6), month(14));
    stage.track(THEIRS, ASIN).await;
    for start in [imported, older] {
        stage.imported(past(start, 5)).await;
    }
    reckoned(&stage).await;
    gone_before(&stage, month(2)).await;
    dropped(&stage).await;
    // The stage keeps 300 days of what nobody watches; their plan sees 90.
    assert_eq!(kept(&stage, ASIN).await, 5);
    sqlx::query("update catalog.listing set owner_tenant_id = $1")
        .bind(stage.other_tenant)
        .execute(&stage.owner)
        .await
        .expect("owned");
    dropped(&stage).await;
    assert_eq!(
        kept(&stage, ASIN).await,
        0,
        "what is theirs goes by their plan"
    );
}

/// As if the looks before an instant had been told to go.
async fn gone_before(stage: &Stage, before: DateTime<Utc>) {
    sqlx::query("update catalog.history_kept set raw_from = $1")
        .bind(before)
        .execute(&stage.owner)
        .await
        .expect("told");
}

#[tokio::test]
async fn the_value_when_first_tracked_stays_when_its_looks_are_gone() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let tracked = month(20) + TimeDelta::days(3);
    let update = sqlx::query("update catalog.tracking set created_at = $1, rules_since = $1");
    update
        .bind(tracked)
        .execute(&stage.owner)
        .await
        .expect("tracked long ago");
    let baseline = json!({ "kind": "tracked" });
    let condition =
        json!({ "test": "move", "metric": "price", "percent": 10, "baseline": baseline });
    let made = stage
        .post(MINE, "/alert-rules", &json!({ "condition": condition }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let looks = [
        (tracked - TimeDelta::days(2), 2_000),
        (tracked + TimeDelta::hours(1), 2_600),
        (month(5), 3_000),
    ];
    for (at, price) in looks {
        stage.imported(vec![seen(ASIN, at, 0).price(price)]).await;
    }
    reckoned(&stage).await;
    dropped(&stage).await;
    let left: i64 = stage.one("select count(*) from catalog.history").await;
    assert_eq!(left, 1, "those of when it was tracked are gone");
    stage
        .crawled(vec![seen(ASIN, ago(5), 1).price(2_300)])
        .await;
    let before: String = stage
        .one("select before ->> 'amount' from catalog.alert where baseline = 'tracked' order by occurred_at desc limit 1")
        .await;
    assert_eq!(before, "20.00");
    // A trial sees the same.
    let body = json!({ "rule": { "condition": condition }, "product_id": product });
    let tried = stage.post(MINE, "/alert-rules/test", &body).await.body;
    assert_eq!(tried["fired"][0]["before"]["amount"], "20.00", "{tried}");
}

#[tokio::test]
async fn a_mark_is_not_taken_while_its_month_is_being_dropped() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let start = month(10) + TimeDelta::days(3);
    stage.imported(past(start, 5)).await;
    reckoned(&stage).await;
    // The last look before the month is taken off: its mark is there when nobody can read the month.
    let lowest = seen(ASIN, start + TimeDelta::minutes(5), 0).price(99);
    stage.imported(vec![lowest]).await;
    gone_before(&stage, month(2)).await;
    let month = start.format("catalog.history_%Y%m");
    let detach = format!("alter table catalog.history detach partition {month}");
    sqlx::raw_sql(AssertSqlSafe(detach))
        .execute(&stage.owner)
        .await
        .expect("detached");
    assert_eq!(reckoned(&stage).await.changed, 0);
    let marks = "select count(*) from catalog.history_mark";
    assert_eq!(stage.one::<i64>(marks).await, 1);
    dropped(&stage).await;
    assert_eq!(reckoned(&stage).await.changed, 1);
    dropped(&stage).await;
    let lowest: i64 = stage
        .one("select min(low) from catalog.history_bar where metric = 0")
        .await;
    assert_eq!(lowest, 99);
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.history")
            .await,
        0
    );
}

#[tokio::test]
async fn a_look_at_a_month_that_is_being_dropped_is_to_be_sent_again() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let look = || seen(ASIN, month(10) + TimeDelta::days(3), 0).price(99);
    stage.imported(vec![look()]).await;
    let table = month(10).format("catalog.history_%Y%m").to_string();
    let run = async |sql: String| {
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&stage.owner);
        done.await.expect("done");
    };
    run(format!(
        "alter table catalog.history detach partition {table}"
    ))
    .await;
    let operator = "o".repeat(16);
    let refused = stage
        .ingest(&operator, Origin::Import, vec![look()])
        .await
        .expect_err("its month is being dropped");
    assert!(rpc::is_transient(&refused), "{refused}");
    run(format!("drop table {table}")).await;
    assert_eq!(stage.imported(vec![look()]).await[0].0, Changed);
    // Of a month that this process knows and that went all the same, it is told the same.
    let recent = || seen(ASIN, ago(5), 0).price(99);
    stage.imported(vec![recent()]).await;
    let table = ago(5).format("catalog.history_%Y%m").to_string();
    run(format!(
        "alter table catalog.history detach partition {table}"
    ))
    .await;
    let later = seen(ASIN, ago(4), 0).price(99);
    let refused = stage.ingest(&operator, Origin::Import, vec![later]);
    let refused = refused.await.expect_err("there is no place for it");
    assert!(rpc::is_transient(&refused), "{refused}");
}

async fn statistics(stage: &Stage, product: i64) -> Value {
    let path = format!("/products/{product}/statistics");
    let answer = stage.get(MINE, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn observations_come_in_while_months_are_made_and_dropped() {
    let stage = Arc::new(Stage::new().await);
    stage.track(MINE, ASIN).await;
    stage.track(MINE, "B0RETAIN03").await;
    // Whoever waits for a lock of history any longer than this fails, and says so.
    for role in ["bw_catalog_system", "bw_catalog_api"] {
        let sql = format!(
            "alter role {role} in database {} set lock_timeout = '50ms'",
            stage.one::<String>("select current_database()::text").await
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&stage.owner)
            .await
            .expect("set");
    }
    let done = Arc::new(AtomicBool::new(false));
    let feeding = tokio::spawn({
        let (stage, done) = (Arc::clone(&stage), Arc::clone(&done));
        async move {
            let start = ago(12 * 60);
            let mut sent = 0_i64;
            while !done.load(Ordering::Relaxed) {
                let look =
                    seen("B0RETAIN03", start + TimeDelta::seconds(sent), 0).price(1_000 + sent);
                let stored = stage.imported(vec![look]).await;
                assert_eq!(stored[0].0, Changed, "{stored:?}");
                sent += 1;
            }
            sent
        }
    });
    // A reader that has begun, and is slow.
    let mut reader = stage.owner.acquire().await.expect("a connection");
    let mut reading = reader.begin().await.expect("begun");
    sqlx::query("select count(*) from catalog.history")
        .execute(&mut *reading)
        .await
        .expect("read");
    for round in 0..3 {
        let start = month(30 + round * 2);
        stage.imported(past(start, 40)).await;
    }
    reckoned(&stage).await;
    forget(&stage.state, Utc::now()).await.expect("told");
    let drop = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { forget(&stage.state, Utc::now()).await }
    });
    // The month waits for the reader; nobody waits for the month.
    wait_for(&stage, "select exists (select from pg_stat_activity where query like '%detach partition%' and wait_event_type = 'Lock' and pid <> pg_backend_pid())").await;
    let before: i64 = stage.one("select count(*) from catalog.history").await;
    wait_for(
        &stage,
        &format!("select count(*) > {before} + 20 from catalog.history"),
    )
    .await;
    reading.rollback().await.expect("ended");
    drop.await.expect("ran").expect("dropped");
    done.store(true, Ordering::Relaxed);
    let sent = feeding.await.expect("every observation was stored at once");
    let left: i64 = stage.one("select count(*) from catalog.history").await;
    assert_eq!(left, sent);
    let months: i64 = stage.one("select count(*) from pg_inherits where inhparent = 'catalog.history'::regclass and inhrelid::regclass::text < 'catalog.history_' || to_char(now() - interval '24 months', 'YYYYMM')").await;
    assert_eq!(months, 0);
}

async fn wait_for(stage: &Stage, sql: &str) {
    let found = async {
        while !stage.one::<bool>(sql).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found)
        .await
        .unwrap_or_else(|_| panic!("never true: {sql}"));
}
