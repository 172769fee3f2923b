//! What rules read of history.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Amount, ContentChange, Sight, Told};
use domain::observation::Values;
use futures::TryStreamExt as _;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::anchors::{Of, of_days};
use crate::ingest::alerts::{AnchorKey, Loaded, Said};
use crate::sql::fetch;
use crate::values::ValuesRow;

/// The looks that rules need of one listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Whose.
    pub listing_id: i64,
    /// From here, and the look before.
    pub from: DateTime<Utc>,
    /// The last instant that arrived.
    pub last: DateTime<Utc>,
    /// So long after the look that follows `last`; nothing: to the newest.
    pub reach: Option<TimeDelta>,
    /// Whether it matters what the listing said of itself.
    pub content: bool,
}

impl Span {
    /// What covers both.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            listing_id: self.listing_id,
            from: self.from.min(other.from),
            last: self.last.max(other.last),
            reach: self.reach.zip(other.reach).map(|(a, b)| a.max(b)),
            content: self.content || other.content,
        }
    }
}

/// What a row is there for.
mod role {
    /// The last look before the span.
    pub const LAST: i16 = 0;
    /// The row that holds that one's values.
    pub const BASE: i16 = 1;
}

#[derive(FromQueryResult)]
struct LookRow {
    listing_id: i64,
    role: i16,
    observed_at: DateTime<Utc>,
    full: bool,
    #[sea_orm(nested)]
    values: ValuesRow,
}

/// Listings whose looks are read in one statement, which sorts them.
const TOGETHER: usize = 50;

/// Reads the looks of spans, each with the look before it, and hands them over listing by listing: of a batch's past
/// there is never more in memory than one listing's.
pub async fn read(
    connection: &mut PgConnection,
    spans: &[Span],
    mut each: impl FnMut(&Span, Loaded) + Send,
) -> Result<(), DbErr> {
    let reach = |span: &Span| span.reach.and_then(|reach| reach.num_microseconds());
    let mut spans: Vec<Span> = spans.to_vec();
    spans.sort_by_key(|span| span.listing_id);
    for spans in spans.chunks(TOGETHER) {
        let query = sqlx::query(LOOKS)
            .bind(spans.iter().map(|span| span.listing_id).collect::<Vec<_>>())
            .bind(spans.iter().map(|span| span.from).collect::<Vec<_>>())
            .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
            .bind(spans.iter().map(reach).collect::<Vec<_>>());
        let mut rows = query.fetch(&mut *connection);
        let mut waiting = spans.iter();
        let mut current = waiting.next();
        let mut assembled = Assembled::default();
        while let Some(row) = rows.try_next().await.map_err(db::query_error)? {
            let row = LookRow::from_query_result(&QueryResult::from(row), "")?;
            while let Some(span) = current.filter(|span| span.listing_id != row.listing_id) {
                each(span, std::mem::take(&mut assembled).loaded);
                current = waiting.next();
            }
            assembled.add(row);
        }
        for span in current.into_iter().chain(waiting) {
            each(span, std::mem::take(&mut assembled).loaded);
        }
    }
    Ok(())
}

/// Rows put together; those without values repeat the one before.
#[derive(Default)]
struct Assembled {
    loaded: Loaded,
    last_at: Option<DateTime<Utc>>,
}

impl Assembled {
    fn add(&mut self, row: LookRow) {
        let sights = &mut self.loaded.sights;
        match row.role {
            role::LAST => {
                self.loaded.begins = false;
                self.last_at = Some(row.observed_at);
            }
            role::BASE => {
                let at = self.last_at.unwrap_or(row.observed_at);
                sights.push(Sight::of(at, &row.values.into()));
            }
            _ if row.full => sights.push(Sight::of(row.observed_at, &row.values.into())),
            _ => sights.extend(sights.last().map(|last| last.again(row.observed_at))),
        }
    }
}

/// Parameters: listings; from when; the last instants that arrived; how many microseconds after the look that follows.
pub const LOOKS: &str = r#"
select i.listing_id, r.role, r.observed_at, r."full", r.offer, r.currency, r.price, r.list_price, r.buy_box_price,
       r.buy_box_seller, r.availability, r.in_stock, r.stock_quantity, r.ranks, r.rating_hundredths, r.review_count
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[]) as i (listing_id, from_at, last_at, reach)
cross join lateral (
    (select 0::smallint as role, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at < i.from_at
     order by h.observed_at desc limit 1)
    union all
    (select 1::smallint, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at < i.from_at and h."full"
     order by h.observed_at desc limit 1)
    union all
    (select 2::smallint, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at >= i.from_at
       and h.observed_at <= coalesce(
           coalesce((select n.observed_at from catalog.history n
                     where n.listing_id = i.listing_id and n.observed_at > i.last_at
                     order by n.observed_at limit 1), i.last_at) + i.reach * interval '1 microsecond', 'infinity'))
) r
order by i.listing_id, r.role, r.observed_at"#;

#[derive(FromQueryResult)]
struct AnchorRow {
    place: i64,
    held: bool,
    observed_at: DateTime<Utc>,
    #[sea_orm(nested)]
    values: ValuesRow,
}

/// Reads what a metric was when a product was first tracked: what held then, or else what was seen first.
pub async fn anchors(
    connection: &mut PgConnection,
    keys: &[AnchorKey],
) -> Result<BTreeMap<AnchorKey, (DateTime<Utc>, Amount)>, DbErr> {
    let mut anchors = BTreeMap::new();
    if keys.is_empty() {
        return Ok(anchors);
    }
    let query = sqlx::query(ANCHORS)
        .bind(keys.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, at, _)| *at).collect::<Vec<_>>())
        .bind(
            keys.iter()
                .map(|(.., metric)| metric.as_str())
                .collect::<Vec<_>>(),
        );
    let rows: Vec<AnchorRow> = fetch(connection, query).await?;
    for row in rows {
        let place = usize::try_from(row.place - 1).ok();
        let Some(key) = place.and_then(|place| keys.get(place)) else {
            continue;
        };
        let (_, tracked_at, metric) = *key;
        // What held then counts from then on.
        let at = if row.held {
            tracked_at
        } else {
            row.observed_at
        };
        let values = Values::from(row.values);
        if let Told::Value(amount) = Sight::of(at, &values).told(metric) {
            anchors.entry(*key).or_insert((at, amount));
        }
    }
    // Where the looks of that time are gone, what is left of them would let the value slide.
    anchors.extend(of_days(connection, keys, Of::All).await?);
    Ok(anchors)
}

/// Parameters: listings; since when they are tracked; metrics.
pub const ANCHORS: &str = r#"
select i.place, r.held, r.observed_at, r.offer, r.currency, r.price, r.list_price, r.buy_box_price, r.buy_box_seller,
       r.availability, r.in_stock, r.stock_quantity, r.ranks, r.rating_hundredths, r.review_count
from unnest($1::bigint[], $2::timestamptz[], $3::text[]) with ordinality as i (listing_id, at, metric, place)
cross join lateral (
    (select true as held, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at <= i.at and h."full"
     order by h.observed_at desc limit 1)
    union all
    (select false, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at > i.at and h."full"
       and case i.metric when 'price' then h.price is not null
                         when 'list_price' then h.list_price is not null
                         when 'buy_box_price' then h.buy_box_price is not null
                         when 'rank' then h.rank is not null
                         when 'rating' then h.rating_hundredths is not null
                         when 'review_count' then h.review_count is not null
                         when 'stock_quantity' then h.stock_quantity is not null end
     order by h.observed_at limit 1)
) r
order by i.place, r.held desc"#;

/// What a listing said otherwise, at a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Relearnt {
    /// The listing.
    pub listing_id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub changes: Vec<ContentChange>,
}

/// Notes what listings say otherwise than before.
pub async fn note(connection: &mut PgConnection, relearnt: &[Relearnt]) -> Result<(), DbErr> {
    if relearnt.is_empty() {
        return Ok(());
    }
    let changes = relearnt.iter().map(|one| serde_json::json!(one.changes));
    let insert = sqlx::query(
        "insert into catalog.content_change (listing_id, observed_at, changes)
         select * from unnest($1::bigint[], $2::timestamptz[], $3::jsonb[])
         on conflict (listing_id, observed_at) do update set changes = excluded.changes",
    )
    .bind(
        relearnt
            .iter()
            .map(|one| one.listing_id)
            .collect::<Vec<_>>(),
    )
    .bind(relearnt.iter().map(|one| one.at).collect::<Vec<_>>())
    .bind(changes.collect::<Vec<_>>());
    crate::sql::execute(connection, insert).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct ChangeRow {
    listing_id: i64,
    observed_at: DateTime<Utc>,
    changes: serde_json::Value,
}

/// What listings said otherwise within spans that want it.
pub async fn content(
    connection: &mut PgConnection,
    spans: &[Span],
) -> Result<BTreeMap<i64, Vec<Said>>, DbErr> {
    let mut told: BTreeMap<i64, Vec<Said>> = BTreeMap::new();
    let wanted = || spans.iter().filter(|span| span.content);
    if wanted().next().is_none() {
        return Ok(told);
    }
    let query = sqlx::query(
        "select c.listing_id, c.observed_at, c.changes
         from unnest($1::bigint[], $2::timestamptz[]) as i (listing_id, from_at)
         join catalog.content_change c on c.listing_id = i.listing_id and c.observed_at >= i.from_at",
    )
    .bind(wanted().map(|span| span.listing_id).collect::<Vec<_>>())
    .bind(wanted().map(|span| span.from).collect::<Vec<_>>());
    let rows: Vec<ChangeRow> = fetch(connection, query).await?;
    for row in rows {
        // Written from the same type.
        if let Ok(changes) = serde_json::from_value(row.changes) {
            let told = told.entry(row.listing_id).or_default();
            told.push((row.observed_at, changes));
        }
    }
    Ok(told)
}
