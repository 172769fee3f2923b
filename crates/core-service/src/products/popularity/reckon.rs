//! Reckoning it, category by category.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx, query_error};
use domain::popularity::{Member, standings};
use futures::TryStreamExt;
use sea_orm::sqlx::{self, PgConnection, Row};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Popularity;
use crate::answers::tell_changed;
use crate::sql::{execute, fetch};

/// How often.
const EVERY: Duration = Duration::from_secs(3600);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(60);
/// What was not looked at for longer is not compared.
const FRESH: TimeDelta = TimeDelta::days(30);
/// How far new reviews are counted back.
const WINDOW: TimeDelta = TimeDelta::days(30);
/// Listings of one statement.
const CHUNK: usize = 1_000;
/// One process reckons; an arbitrary constant.
const LOCK: i64 = 0x706f_7075;

/// Reckons once an hour until `stop`.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(pool: SystemPool, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let pause = match reckon(&pool, Utc::now()).await {
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "popularity was not reckoned; trying again");
                AGAIN
            }
        };
        if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}

/// A listing and what it is compared within.
#[derive(Debug)]
struct Seen {
    listing_id: i64,
    group: Group,
    member: Member,
}

/// Public listings are compared with all public ones; a tenant's own with its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    source: String,
    marketplace: String,
    owner: Option<Uuid>,
    category: String,
}

/// Every listing with a category, those of a group together. The category is that of the rank, and of the look that saw
/// the rank, which need not be the newest one; without any since then it is the listing's own, and no rank counts there.
const MEMBERS: &str = r#"
    select l.id, l.source, l.marketplace, l.owner_tenant_id, c.category, c.rank, s.known_review_count, s.observed_at
    from catalog.listing l
    join catalog.listing_state s on s.listing_id = l.id
    left join lateral (
        select h.ranks -> 0 ->> 'category' as category, h.rank from catalog.history h
        where s.ranks -> 0 is null and s.known_rank is not null
          and h.listing_id = l.id and h.observed_at >= $1 and h."full" and h.rank is not null
        order by h.observed_at desc limit 1) h on true
    cross join lateral (
        select coalesce(s.ranks -> 0 ->> 'category', h.category, l.category) as category,
               case when s.ranks -> 0 is not null then s.known_rank else h.rank end as rank) c
    where s.observed_at >= $1 and c.category is not null
    order by l.source, l.marketplace, l.owner_tenant_id, c.category, l.id"#;

/// How long before the window the review count may have been seen that holds when it begins.
const HELD: TimeDelta = TimeDelta::days(366);

/// The review count of each listing where the window begins: what held then, or else the oldest within. A count that
/// stayed the same is written once, so the oldest row within says nothing of the time before it.
const COUNTS: &str = r#"
    select i.id as listing_id, h.observed_at, h.review_count
    from unnest($1::bigint[]) as i (id)
    cross join lateral (
        (select $2::timestamptz as observed_at, review_count from catalog.history
         where listing_id = i.id and observed_at <= $2 and observed_at >= $3 and "full" and review_count is not null
         order by catalog.history.observed_at desc limit 1)
        union all
        (select observed_at, review_count from catalog.history
         where listing_id = i.id and observed_at > $2 and "full" and review_count is not null
         order by observed_at limit 1)
        order by observed_at limit 1) h"#;

/// Reckons all anew; says how many listings have a standing. Where another process is at it, nothing is done.
///
/// # Errors
/// When the database fails.
pub async fn reckon(pool: &SystemPool, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let reading = SystemTx::begin(pool).await?;
    let mut connection = reading.sqlx().await;
    let first: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut *connection)
        .await
        .map_err(query_error)?;
    if !first {
        return Ok(0);
    }
    let mut members = sqlx::query(MEMBERS)
        .bind(now - FRESH)
        .fetch(&mut *connection);
    let mut group: Vec<Seen> = Vec::new();
    let mut standing = Vec::new();
    while let Some(row) = members.try_next().await.map_err(query_error)? {
        let seen = read(&row).map_err(query_error)?;
        if group.first().is_some_and(|first| first.group != seen.group) {
            standing.extend(compare(pool, std::mem::take(&mut group), now).await?);
        }
        group.push(seen);
    }
    drop(members);
    standing.extend(compare(pool, group, now).await?);
    drop(connection);
    forget_others(pool, &standing).await?;
    reading.commit().await?;
    Ok(standing.len() as u64)
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Seen, sqlx::Error> {
    Ok(Seen {
        listing_id: row.try_get("id")?,
        group: Group {
            source: row.try_get("source")?,
            marketplace: row.try_get("marketplace")?,
            owner: row.try_get("owner_tenant_id")?,
            category: row.try_get("category")?,
        },
        member: Member {
            rank: row.try_get("rank")?,
            reviews: row
                .try_get::<Option<i32>, _>("known_review_count")?
                .zip(row.try_get::<Option<DateTime<Utc>>, _>("observed_at")?),
            earlier_reviews: None,
        },
    })
}

/// Compares one group and stores what came out; says who has a standing.
async fn compare(
    pool: &SystemPool,
    mut group: Vec<Seen>,
    now: DateTime<Utc>,
) -> Result<Vec<i64>, DbErr> {
    let Some(category) = group.first().map(|first| first.group.category.clone()) else {
        return Ok(Vec::new());
    };
    if group.len() < domain::popularity::FEWEST {
        return Ok(Vec::new());
    }
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    for chunk in group.chunks_mut(CHUNK) {
        earlier_reviews(&mut connection, chunk, now).await?;
    }
    let members: Vec<Member> = group.iter().map(|seen| seen.member).collect();
    let mut ids = Vec::new();
    let mut shown = Vec::new();
    for (seen, standing) in group.iter().zip(standings(&members)) {
        if let Some(standing) = standing {
            ids.push(seen.listing_id);
            shown.push(json!(Popularity::of(standing, &category, now)));
        }
    }
    for (ids, shown) in ids.chunks(CHUNK).zip(shown.chunks(CHUNK)) {
        store(&mut connection, ids, shown).await?;
    }
    drop(connection);
    tx.commit().await?;
    Ok(ids)
}

async fn earlier_reviews(
    connection: &mut PgConnection,
    group: &mut [Seen],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        listing_id: i64,
        observed_at: DateTime<Utc>,
        review_count: i32,
    }
    let ids: Vec<i64> = group.iter().map(|seen| seen.listing_id).collect();
    let query = sqlx::query(COUNTS)
        .persistent(false)
        .bind(ids)
        .bind(now - WINDOW)
        .bind(now - WINDOW - HELD);
    let counts: Vec<Count> = fetch(connection, query).await?;
    for count in counts {
        // In the order of their ids, as they were read.
        let place = group.binary_search_by_key(&count.listing_id, |seen| seen.listing_id);
        if let Ok(place) = place {
            group[place].member.earlier_reviews = Some((count.review_count, count.observed_at));
        }
    }
    Ok(())
}

async fn store(
    connection: &mut PgConnection,
    ids: &[i64],
    shown: &[serde_json::Value],
) -> Result<(), DbErr> {
    // Only what is another than before: most stand as they stood an hour ago, and what is kept of them stays good.
    let write = sqlx::query_scalar(
        "insert into catalog.popularity as p (listing_id, shown)
         select * from unnest($1::bigint[], $2::jsonb[])
         on conflict (listing_id) do update set shown = excluded.shown
         where p.shown - 'as_of' is distinct from excluded.shown - 'as_of'
         returning listing_id",
    );
    let written = write.bind(ids).bind(shown);
    let written: Vec<i64> = written
        .fetch_all(&mut *connection)
        .await
        .map_err(query_error)?;
    // Only where it moved: each write is one in every index of the shelf.
    let order = sqlx::query(
        "update catalog.shelf s set popularity = (n.shown ->> 'score')::smallint
         from unnest($1::bigint[], $2::jsonb[]) as n (listing_id, shown)
         where s.listing_id = n.listing_id and s.popularity is distinct from (n.shown ->> 'score')::smallint",
    );
    execute(connection, order.bind(ids).bind(shown)).await?;
    tell_changed(connection, written).await
}

/// Forgets those that have no standing this time: too few are left to compare, or nothing is known any more.
async fn forget_others(pool: &SystemPool, standing: &[i64]) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let stale = sqlx::query(
        "with gone as (
             delete from catalog.popularity p
             where not exists (select from unnest($1::bigint[]) as n (id) where n.id = p.listing_id)
             returning listing_id
         ), off as (
             update catalog.shelf s set popularity = null from gone where s.listing_id = gone.listing_id
         )
         select catalog.tell_changed(array(select listing_id from gone))",
    );
    execute(&mut connection, stale.bind(standing)).await?;
    drop(connection);
    tx.commit().await
}
