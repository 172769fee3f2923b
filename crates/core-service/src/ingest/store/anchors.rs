//! What a figure was when a product was first tracked, where the looks of that time are gone: their days still tell it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::alert::{Amount, Metric};
use domain::money::Money;
use domain::statistics::{DayBar, Series};
use sea_orm::DbErr;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Row as _};

use crate::ingest::alerts::AnchorKey;
use crate::retention::{BAR_COLUMNS, bar_of};

/// Whose days are read.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// Everybody's.
    All,
    /// Those that the tenant of the transaction may see.
    Tenant,
}

/// What held at these instants, or else what was seen first afterwards, by days; nothing where looks tell it.
pub async fn of_days(
    connection: &mut PgConnection,
    keys: &[AnchorKey],
    of: Of,
) -> Result<BTreeMap<AnchorKey, (DateTime<Utc>, Amount)>, DbErr> {
    let mut anchors = BTreeMap::new();
    if keys.is_empty() {
        return Ok(anchors);
    }
    let (bars, kept) = match of {
        Of::All => ("catalog.history_bar", "catalog.history_kept"),
        Of::Tenant => ("catalog.product_bar", "catalog.product_kept"),
    };
    // The day itself and the one before it say what held; the first one after it with a value, what was seen first.
    let sql = format!(
        "select i.place, {BAR_COLUMNS}
         from unnest($1::bigint[], $2::timestamptz[], $3::smallint[]) with ordinality as i (listing_id, at, metric, place)
         join {kept} k on i.at < k.raw_from
         cross join lateral (
             (select d.* from {bars} d
              where d.listing_id = i.listing_id and d.metric = i.metric and d.day <= (i.at at time zone 'UTC')::date
              order by d.day desc limit 2)
             union all
             (select d.* from {bars} d
              where d.listing_id = i.listing_id and d.metric = i.metric and d.day > (i.at at time zone 'UTC')::date
                and d.day < (k.raw_from at time zone 'UTC')::date and d.high is not null
              order by d.day limit 1)
         ) b
         order by i.place, b.day"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(keys.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, at, _)| *at).collect::<Vec<_>>())
        .bind(
            keys.iter()
                .map(|(.., metric)| series(*metric).number())
                .collect::<Vec<_>>(),
        );
    let rows = query.fetch_all(connection).await.map_err(db::query_error)?;
    let mut days: BTreeMap<AnchorKey, Vec<DayBar>> = BTreeMap::new();
    for row in rows {
        let place: i64 = row.try_get("place").map_err(db::query_error)?;
        let place = usize::try_from(place - 1).ok();
        let bar = bar_of(&row).map_err(db::query_error)?;
        if let Some((key, bar)) = place.and_then(|place| keys.get(place)).zip(bar) {
            days.entry(*key).or_default().push(bar);
        }
    }
    for (key, bars) in days {
        let (_, tracked_at, metric) = key;
        if let Some(anchor) = anchor(&bars, tracked_at, metric) {
            anchors.insert(key, anchor);
        }
    }
    Ok(anchors)
}

fn anchor(
    bars: &[DayBar],
    tracked_at: DateTime<Utc>,
    metric: Metric,
) -> Option<(DateTime<Utc>, Amount)> {
    let steps = || {
        bars.iter().flat_map(|bar| {
            let steps = bar.bar.steps.iter();
            steps.map(|(at, value)| (*at, value.and_then(|value| amount(bar, metric, value))))
        })
    };
    let held = steps().take_while(|(at, _)| *at <= tracked_at).last();
    // What held then counts from then on.
    match held {
        Some((_, Some(amount))) => Some((tracked_at, amount)),
        _ => steps()
            .filter(|(at, _)| *at > tracked_at)
            .find_map(|(at, amount)| Some((at, amount?))),
    }
}

fn amount(bar: &DayBar, metric: Metric, value: i64) -> Option<Amount> {
    if !metric.is_money() {
        return Some(Amount::Number(value));
    }
    Some(Amount::Money(Money::from_minor(value, bar.currency?)))
}

const fn series(metric: Metric) -> Series {
    match metric {
        Metric::Price => Series::Price,
        Metric::ListPrice => Series::ListPrice,
        Metric::BuyBoxPrice => Series::BuyBoxPrice,
        Metric::Rank => Series::Rank,
        Metric::Rating => Series::Rating,
        Metric::ReviewCount => Series::ReviewCount,
        Metric::StockQuantity => Series::StockQuantity,
    }
}
