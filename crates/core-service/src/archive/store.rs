//! Listings and their looks, over all tenants.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::export::Wanted;
use super::names::page;
use crate::ingest::ListingName;
use crate::sql::{execute, fetch};
use crate::values::{VALUES_COLUMNS, ValuesRow};

/// Makes listings, with nothing known of them.
pub async fn make_listings(
    connection: &mut PgConnection,
    names: &[&ListingName],
) -> Result<(), DbErr> {
    if names.is_empty() {
        return Ok(());
    }
    let text = |pick: fn(&ListingName) -> String| {
        names.iter().map(|name| pick(name)).collect::<Vec<String>>()
    };
    let make = sqlx::query(
        "with made as (
             insert into catalog.listing (source, marketplace, external_id, url, owner_tenant_id)
             select n.source, n.marketplace, n.external_id, n.url, n.owner
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[])
                  as n (source, marketplace, external_id, url, owner)
             -- In one order everywhere: two that make the same listings wait for each other and never across.
             order by n.source, n.marketplace, n.external_id
             on conflict on constraint listing_name do nothing
             returning id)
         insert into catalog.listing_state (listing_id) select id from made",
    )
    .bind(text(|name| name.source.as_str().to_owned()))
    .bind(text(|name| name.marketplace.clone()))
    .bind(text(|name| name.external_id.clone()))
    .bind(text(page))
    .bind(names.iter().map(|name| name.owner).collect::<Vec<_>>());
    execute(connection, make).await?;
    Ok(())
}

/// Those of these looks, by their place, of whose instant something is stored.
pub async fn known_looks(
    connection: &mut PgConnection,
    looks: &[(usize, i64, DateTime<Utc>)],
) -> Result<BTreeSet<usize>, DbErr> {
    #[derive(FromQueryResult)]
    struct Known {
        position: i64,
    }
    if looks.is_empty() {
        return Ok(BTreeSet::new());
    }
    let query = sqlx::query(
        "select n.position from unnest($1::bigint[], $2::timestamptz[]) with ordinality
              as n (listing_id, observed_at, position)
         join catalog.history h on h.listing_id = n.listing_id and h.observed_at = n.observed_at",
    )
    .bind(looks.iter().map(|(_, id, _)| *id).collect::<Vec<_>>())
    .bind(looks.iter().map(|(_, _, at)| *at).collect::<Vec<_>>());
    let rows: Vec<Known> = fetch(connection, query).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let index = usize::try_from(row.position - 1).ok()?;
            looks.get(index).map(|(place, ..)| *place)
        })
        .collect())
}

/// A listing to export.
#[derive(Debug, FromQueryResult)]
pub struct Head {
    pub id: i64,
    pub external_id: String,
    pub parent_external_id: Option<String>,
    pub title: Option<String>,
}

/// Which listings: `$1` to `$4`.
const CHOSEN: &str = "
    from catalog.listing l
    join catalog.listing_state s on s.listing_id = l.id and s.observed_at is not null
    left join catalog.listing p on p.id = l.parent_id
    where l.source = $1 and l.marketplace = $2 and l.owner_tenant_id is not distinct from $3
      and ($4::text[] is null or l.external_id = any($4))";

/// How many listings there are to export.
pub async fn count(connection: &mut PgConnection, wanted: &Wanted) -> Result<u64, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        count: i64,
    }
    let sql = format!("select count(*) as count {CHOSEN}");
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(wanted.source.as_str())
        .bind(&wanted.marketplace)
        .bind(wanted.owner)
        .bind(&wanted.external_ids);
    let rows: Vec<Count> = fetch(connection, query).await?;
    Ok(rows.first().map_or(0, |row| row.count.unsigned_abs()))
}

/// The next listings, in the order of their ids at the source.
pub async fn heads(
    connection: &mut PgConnection,
    wanted: &Wanted,
    after: &str,
    most: i64,
) -> Result<Vec<Head>, DbErr> {
    let sql = format!(
        "select l.id, l.external_id, p.external_id as parent_external_id, l.title {CHOSEN}
           and l.external_id > $5 order by l.external_id limit $6"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(wanted.source.as_str())
        .bind(&wanted.marketplace)
        .bind(wanted.owner)
        .bind(&wanted.external_ids)
        .bind(after)
        .bind(most);
    fetch(connection, query).await
}

/// One look.
#[derive(Debug, FromQueryResult)]
pub struct LookRow {
    pub observed_at: DateTime<Utc>,
    pub full: bool,
    #[sea_orm(nested)]
    pub values: ValuesRow,
}

/// The next looks at a listing, oldest first.
pub async fn looks(
    connection: &mut PgConnection,
    listing_id: i64,
    after: DateTime<Utc>,
    to: DateTime<Utc>,
    most: i64,
) -> Result<Vec<LookRow>, DbErr> {
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.history
           where listing_id = $1 and observed_at > $2 and observed_at <= $3 order by observed_at limit $4"#
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(listing_id)
        .bind(after)
        .bind(to)
        .bind(most);
    fetch(connection, query).await
}

/// What held at a listing at an instant: the looks after it may only repeat it.
pub async fn held_at(
    connection: &mut PgConnection,
    listing_id: i64,
    at: DateTime<Utc>,
) -> Result<Option<LookRow>, DbErr> {
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.history
           where listing_id = $1 and observed_at <= $2 and "full" order by observed_at desc limit 1"#
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(listing_id).bind(at);
    Ok(fetch(connection, query).await?.pop())
}
