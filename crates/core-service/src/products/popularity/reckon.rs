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

/// Every listing with a category, those of a group together. The category is that of the rank; without one, its own.
const MEMBERS: &str = "
    select l.id, l.source, l.marketplace, l.owner_tenant_id, c.category, s.known_rank, s.known_review_count, s.observed_at
    from catalog.listing l
    join catalog.listing_state s on s.listing_id = l.id
    cross join lateral (select coalesce(s.ranks -> 0 ->> 'category', l.category) as category) c
    where s.observed_at >= $1 and c.category is not null
    order by l.source, l.marketplace, l.owner_tenant_id, c.category, l.id";

/// The oldest review count of each listing within the window, and when it was seen.
const COUNTS: &str = r#"
    select i.id as listing_id, h.observed_at, h.review_count
    from unnest($1::bigint[]) as i (id)
    cross join lateral (
        select observed_at, review_count from catalog.history
        where listing_id = i.id and observed_at >= $2 and "full" and review_count is not null
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
    let mut standing = 0;
    while let Some(row) = members.try_next().await.map_err(query_error)? {
        let seen = read(&row).map_err(query_error)?;
        if group.first().is_some_and(|first| first.group != seen.group) {
            standing += compare(pool, std::mem::take(&mut group), now).await?;
        }
        group.push(seen);
    }
    drop(members);
    standing += compare(pool, group, now).await?;
    drop(connection);
    forget(pool, now).await?;
    reading.commit().await?;
    Ok(standing)
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
            rank: row.try_get("known_rank")?,
            reviews: row
                .try_get::<Option<i32>, _>("known_review_count")?
                .zip(row.try_get::<Option<DateTime<Utc>>, _>("observed_at")?),
            earlier_reviews: None,
        },
    })
}

/// Compares one group and stores what came out.
async fn compare(
    pool: &SystemPool,
    mut group: Vec<Seen>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let Some(category) = group.first().map(|first| first.group.category.clone()) else {
        return Ok(0);
    };
    if group.len() < domain::popularity::FEWEST {
        return Ok(0);
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
    Ok(ids.len() as u64)
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
        .bind(now - WINDOW);
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
    let insert = sqlx::query(
        "insert into catalog.popularity (listing_id, shown)
         select * from unnest($1::bigint[], $2::jsonb[]) on conflict (listing_id) do update set shown = excluded.shown",
    );
    execute(connection, insert.bind(ids).bind(shown)).await?;
    // Only where it moved: each write is one in every index of the shelf.
    let order = sqlx::query(
        "update catalog.shelf s set popularity = (n.shown ->> 'score')::smallint
         from unnest($1::bigint[], $2::jsonb[]) as n (listing_id, shown)
         where s.listing_id = n.listing_id and s.popularity is distinct from (n.shown ->> 'score')::smallint",
    );
    execute(connection, order.bind(ids).bind(shown)).await?;
    let tell = sqlx::query("select catalog.tell_changed($1)");
    execute(connection, tell.bind(ids)).await?;
    Ok(())
}

/// Forgets what was not reckoned this time: too few are left to compare, or nothing is known any more.
async fn forget(pool: &SystemPool, now: DateTime<Utc>) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let stale = sqlx::query(
        "with gone as (
             delete from catalog.popularity where (shown ->> 'as_of')::timestamptz < $1 returning listing_id
         ), off as (
             update catalog.shelf s set popularity = null from gone where s.listing_id = gone.listing_id
         )
         select catalog.tell_changed(array(select listing_id from gone))",
    );
    execute(&mut connection, stale.bind(now)).await?;
    drop(connection);
    tx.commit().await
}
