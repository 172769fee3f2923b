//! Days whose looks are others than when the day was reckoned, and how far the days are reckoned.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use crate::sql::{execute, fetch};

/// A day of a listing.
pub type ListingDay = (i64, NaiveDate);

/// Marks days in the transaction that changes their looks.
///
/// # Errors
/// When the database fails.
pub async fn mark(connection: &mut PgConnection, days: &BTreeSet<ListingDay>) -> Result<(), DbErr> {
    if days.is_empty() {
        return Ok(());
    }
    let (listings, days): (Vec<i64>, Vec<NaiveDate>) = days.iter().copied().unzip();
    let insert = sqlx::query(
        "insert into catalog.history_mark (listing_id, day) select * from unnest($1::bigint[], $2::date[])",
    );
    execute(connection, insert.bind(listings).bind(days)).await?;
    Ok(())
}

/// Takes up to so many marks away, oldest first, and says which days they name; but for days of months that nobody can
/// read just now, because they are being dropped or were taken off. A look that commits after this has left a new mark.
pub async fn take(connection: &mut PgConnection, most: i64) -> Result<BTreeSet<ListingDay>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        listing_id: i64,
        day: NaiveDate,
    }
    let out_of_reach = months_out_of_reach(connection).await?;
    let query = sqlx::query(
        "delete from catalog.history_mark where id in (
             select id from catalog.history_mark where date_trunc('month', day)::date <> all($2) order by id limit $1)
         returning listing_id, day",
    );
    let rows: Vec<Row> = fetch(connection, query.bind(most).bind(out_of_reach)).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.listing_id, row.day))
        .collect())
}

/// The months whose looks stand in a table that is no part of history, or will soon be none.
pub async fn months_out_of_reach(connection: &mut PgConnection) -> Result<Vec<NaiveDate>, DbErr> {
    let query = sqlx::query_scalar(
        "select to_date(right(c.relname, 6), 'YYYYMM')
         from pg_class c
         left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = 'catalog.history'::regclass
         where c.relnamespace = 'catalog'::regnamespace and c.relkind = 'r' and c.relname ~ '^history_[0-9]{6}$'
           and (i.inhrelid is null or i.inhdetachpending)",
    );
    query.fetch_all(connection).await.map_err(db::query_error)
}

/// Whether any day from `from` to before `to` is marked.
pub async fn any(
    connection: &mut PgConnection,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<bool, DbErr> {
    let query = sqlx::query_scalar(
        "select exists (select from catalog.history_mark where day >= $1 and day < $2)",
    );
    let found = query.bind(from).bind(to).fetch_one(connection).await;
    found.map_err(db::query_error)
}

/// How many marks there are.
pub async fn count(connection: &mut PgConnection) -> Result<i64, DbErr> {
    let query = sqlx::query_scalar("select count(*) from catalog.history_mark");
    query.fetch_one(connection).await.map_err(db::query_error)
}

/// How far history is reckoned, and from where on looks are there.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Kept {
    /// Days before this one are reckoned, but for those that are marked.
    pub closed_until: NaiveDate,
    /// Looks before this may be gone.
    pub raw_from: Option<DateTime<Utc>>,
}

impl Kept {
    /// Reads it.
    pub async fn read(connection: &mut PgConnection) -> Result<Self, DbErr> {
        let query = sqlx::query("select closed_until, raw_from from catalog.history_kept");
        let rows = fetch(connection, query).await?;
        let row = rows.into_iter().next();
        row.ok_or_else(|| DbErr::RecordNotFound("catalog.history_kept".to_owned()))
    }
}

/// Notes that a day is reckoned for all listings.
pub async fn close(connection: &mut PgConnection, day: NaiveDate) -> Result<(), DbErr> {
    let update = sqlx::query(
        "update catalog.history_kept set closed_until = $1 + 1 where closed_until = $1",
    );
    execute(connection, update.bind(day)).await?;
    Ok(())
}

/// Tells readers that looks before an instant may be gone. It never goes back.
pub async fn tell_gone(connection: &mut PgConnection, before: DateTime<Utc>) -> Result<(), DbErr> {
    let update = sqlx::query(
        "update catalog.history_kept set raw_from = $1 where raw_from is null or raw_from < $1",
    );
    execute(connection, update.bind(before)).await?;
    Ok(())
}
