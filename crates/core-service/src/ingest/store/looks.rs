//! What rules read of history.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Amount, ContentChange, Sight, Told};
use domain::observation::Values;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use crate::ingest::alerts::{AnchorKey, Loaded};
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

/// Reads the looks of spans, each with the look before it.
pub async fn read(
    connection: &mut PgConnection,
    spans: &[Span],
) -> Result<BTreeMap<i64, Loaded>, DbErr> {
    if spans.is_empty() {
        return Ok(BTreeMap::new());
    }
    let reach = |span: &Span| span.reach.and_then(|reach| reach.num_microseconds());
    let query = sqlx::query(LOOKS)
        .bind(spans.iter().map(|span| span.listing_id).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.from).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
        .bind(spans.iter().map(reach).collect::<Vec<_>>());
    let rows: Vec<LookRow> = fetch(connection, query).await?;
    let mut loaded: BTreeMap<i64, Assembled> = BTreeMap::new();
    for row in rows {
        loaded.entry(row.listing_id).or_default().add(row);
    }
    Ok(loaded
        .into_iter()
        .map(|(listing_id, assembled)| (listing_id, assembled.loaded))
        .collect())
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

/// Adds what listings said otherwise within spans that want it.
pub async fn tell_content(
    connection: &mut PgConnection,
    spans: &[Span],
    loaded: &mut BTreeMap<i64, Loaded>,
) -> Result<(), DbErr> {
    let spans: BTreeMap<i64, &Span> = spans
        .iter()
        .filter(|span| span.content)
        .map(|span| (span.listing_id, span))
        .collect();
    if spans.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "select c.listing_id, c.observed_at, c.changes
         from unnest($1::bigint[], $2::timestamptz[]) as i (listing_id, from_at)
         join catalog.content_change c on c.listing_id = i.listing_id and c.observed_at >= i.from_at",
    )
    .bind(spans.keys().copied().collect::<Vec<_>>())
    .bind(spans.values().map(|span| span.from).collect::<Vec<_>>());
    let rows: Vec<ChangeRow> = fetch(connection, query).await?;
    let mut told: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for row in rows {
        // Written from the same type.
        if let Ok(changes) = serde_json::from_value(row.changes) {
            let told = told.entry(row.listing_id).or_default();
            told.push((row.observed_at, changes));
        }
    }
    for (listing_id, mut told) in told {
        let loaded = loaded.entry(listing_id).or_default();
        // What lies beyond the looks that were read is not judged.
        let newest = loaded.sights.last().map(|sight| sight.at);
        let end = newest.max(spans.get(&listing_id).map(|span| span.last));
        told.retain(|(at, _)| end.is_none_or(|end| *at <= end));
        loaded.tell(told);
    }
    Ok(())
}
