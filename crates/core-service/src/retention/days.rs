//! Looks by day, and what days came to, in sets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use domain::money::Currency;
use domain::observation::Values;
use domain::statistics::{Bar, Day, DayBar, Series, Step};
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Row as _};
use sea_orm::{DbErr, FromQueryResult};

use super::marks::ListingDay;
use crate::sql::{execute, fetch};
use crate::values::{VALUES_COLUMNS, ValuesRow};

/// Listings after `after` that have been seen on a day or later, in the order of their ids.
pub async fn seen_since(
    connection: &mut PgConnection,
    day: NaiveDate,
    after: i64,
    most: i64,
) -> Result<Vec<i64>, DbErr> {
    let query = sqlx::query_scalar(
        "select listing_id from catalog.listing_state
         where listing_id > $1 and observed_at >= $2 order by listing_id limit $3",
    );
    let query = query.bind(after).bind(midnight(day)).bind(most);
    query.fetch_all(connection).await.map_err(db::query_error)
}

/// The looks at a listing in a day.
#[derive(Debug, Default)]
pub struct Looks {
    values: Vec<Values>,
    /// When, and where its values stand.
    at: Vec<(DateTime<Utc>, usize)>,
}

impl Looks {
    /// Each with what it saw.
    pub fn each(&self) -> Vec<(DateTime<Utc>, &Values)> {
        self.at
            .iter()
            .filter_map(|(at, place)| Some((*at, self.values.get(*place)?)))
            .collect()
    }
}

/// The looks of these days. A row that repeats the one before it may find that one in an earlier day of its month.
///
/// Parameters: listings; beginnings of their months, of their days, and their days' ends.
pub const LOOKS_OF_DAYS: &str = r#"
select p.listing_id, p.from_at, r.observed_at, r."full", {columns}
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
     as p (listing_id, month_at, from_at, to_at)
cross join lateral (
    (select h.* from catalog.history h
     where h.listing_id = p.listing_id and h.observed_at >= p.month_at and h.observed_at < p.from_at and h."full"
     order by h.observed_at desc limit 1)
    union all
    (select h.* from catalog.history h
     where h.listing_id = p.listing_id and h.observed_at >= p.from_at and h.observed_at < p.to_at)
) r
order by p.listing_id, p.from_at, r.observed_at"#;

/// Reads the looks of days; days without any are left out.
pub async fn looks(
    connection: &mut PgConnection,
    days: &BTreeSet<ListingDay>,
) -> Result<BTreeMap<ListingDay, Looks>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        listing_id: i64,
        from_at: DateTime<Utc>,
        observed_at: DateTime<Utc>,
        full: bool,
        #[sea_orm(nested)]
        values: ValuesRow,
    }
    let listings: Vec<i64> = days.iter().map(|(listing, _)| *listing).collect();
    let at = |of: fn(NaiveDate) -> NaiveDate| -> Vec<DateTime<Utc>> {
        days.iter().map(|(_, day)| midnight(of(*day))).collect()
    };
    let sql = LOOKS_OF_DAYS.replace("{columns}", VALUES_COLUMNS);
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(listings)
        .bind(at(|day| day.with_day(1).unwrap_or(day)))
        .bind(at(|day| day))
        .bind(at(|day| day + TimeDelta::days(1)));
    let rows: Vec<Row> = fetch(connection, query).await?;
    let mut found: BTreeMap<ListingDay, Looks> = BTreeMap::new();
    for row in rows {
        let key = (row.listing_id, row.from_at.date_naive());
        let looks = found.entry(key).or_default();
        if row.full || looks.values.is_empty() {
            looks.values.push(row.values.into());
        }
        if row.observed_at >= row.from_at {
            looks.at.push((row.observed_at, looks.values.len() - 1));
        }
    }
    Ok(found)
}

/// The columns of a bar `b` that [`bar_of`] reads.
pub const BAR_COLUMNS: &str =
    "b.metric, b.currency, b.times, b.figures, b.last_at, b.steps, b.average, b.gap_us";

/// Reads a bar; nothing for a figure that the domain does not know.
pub fn bar_of(row: &PgRow) -> Result<Option<DayBar>, sqlx::Error> {
    let Some(series) = Series::of_number(row.try_get("metric")?) else {
        return Ok(None);
    };
    let code: Option<&str> = row.try_get("currency")?;
    let times: Vec<DateTime<Utc>> = row.try_get("times")?;
    let figures: Vec<Option<i64>> = row.try_get("figures")?;
    let moves: i32 = row.try_get("steps")?;
    Ok(Some(DayBar {
        series,
        currency: code.and_then(|code| Currency::parse(code).ok()),
        bar: Bar {
            steps: times.into_iter().zip(figures).collect(),
            last_at: row.try_get("last_at")?,
            moves: u32::try_from(moves).unwrap_or_default(),
            average: row.try_get("average")?,
            gap: TimeDelta::microseconds(row.try_get("gap_us")?),
        },
    }))
}

/// What these days came to when they were reckoned last.
pub async fn stored(
    connection: &mut PgConnection,
    days: &BTreeSet<ListingDay>,
) -> Result<BTreeMap<ListingDay, Day>, DbErr> {
    #[derive(FromQueryResult)]
    struct DayRow {
        listing_id: i64,
        day: NaiveDate,
        looks: i32,
        first_at: DateTime<Utc>,
        last_at: DateTime<Utc>,
    }
    let (listings, dates): (Vec<i64>, Vec<NaiveDate>) = days.iter().copied().unzip();
    let query = sqlx::query(
        "select d.* from unnest($1::bigint[], $2::date[]) as p (listing_id, day)
         join catalog.history_day d on d.listing_id = p.listing_id and d.day = p.day",
    );
    let rows: Vec<DayRow> = fetch(connection, query.bind(&listings).bind(&dates)).await?;
    let mut found: BTreeMap<ListingDay, Day> = rows
        .into_iter()
        .map(|row| {
            let day = Day {
                looks: u32::try_from(row.looks).unwrap_or_default(),
                first_at: row.first_at,
                last_at: row.last_at,
                bars: Vec::new(),
            };
            ((row.listing_id, row.day), day)
        })
        .collect();
    let sql = format!(
        "select b.listing_id, b.day, {BAR_COLUMNS} from unnest($1::bigint[], $2::date[]) as p (listing_id, day)
         cross join unnest($3::smallint[]) as m (metric)
         join catalog.history_bar b on b.listing_id = p.listing_id and b.metric = m.metric and b.day = p.day
         order by b.metric"
    );
    let query = sqlx::query(AssertSqlSafe(sql));
    let query = query.bind(listings).bind(dates).bind(metrics());
    let rows = query.fetch_all(connection).await.map_err(db::query_error)?;
    for row in rows {
        let key = row
            .try_get("listing_id")
            .and_then(|listing| Ok((listing, row.try_get("day")?)));
        let day = found.get_mut(&key.map_err(db::query_error)?);
        let bar = bar_of(&row).map_err(db::query_error)?;
        if let Some((day, bar)) = day.zip(bar) {
            day.bars.push(bar);
        }
    }
    Ok(found)
}

/// Writes days in place of what they came to before.
pub async fn write(
    connection: &mut PgConnection,
    days: Vec<(ListingDay, Day)>,
) -> Result<(), DbErr> {
    if days.is_empty() {
        return Ok(());
    }
    let (listings, dates): (Vec<i64>, Vec<NaiveDate>) = days.iter().map(|(key, _)| *key).unzip();
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let looks: Vec<i32> = days.iter().map(|(_, day)| whole(day.looks)).collect();
    let firsts: Vec<DateTime<Utc>> = days.iter().map(|(_, day)| day.first_at).collect();
    let lasts: Vec<DateTime<Utc>> = days.iter().map(|(_, day)| day.last_at).collect();
    let upsert = sqlx::query(
        "insert into catalog.history_day (listing_id, day, looks, first_at, last_at)
         select * from unnest($1::bigint[], $2::date[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
         on conflict (listing_id, day) do update
         set (looks, first_at, last_at) = (excluded.looks, excluded.first_at, excluded.last_at)",
    );
    let upsert = upsert.bind(&listings).bind(&dates).bind(looks);
    execute(connection, upsert.bind(firsts).bind(lasts)).await?;
    let delete = sqlx::query(
        "delete from catalog.history_bar b
         using unnest($1::bigint[], $2::date[]) as p (listing_id, day) cross join unnest($3::smallint[]) as m (metric)
         where b.listing_id = p.listing_id and b.metric = m.metric and b.day = p.day",
    );
    let delete = delete.bind(listings).bind(dates).bind(metrics());
    execute(connection, delete).await?;
    insert_bars(connection, days).await
}

async fn insert_bars(
    connection: &mut PgConnection,
    days: Vec<(ListingDay, Day)>,
) -> Result<(), DbErr> {
    let mut listings = Vec::new();
    let mut dates = Vec::new();
    let mut metrics = Vec::new();
    let mut currencies = Vec::new();
    let mut ends: [Vec<Option<i64>>; 4] = Default::default();
    let mut times = Vec::new();
    let mut figures = Vec::new();
    let mut lasts = Vec::new();
    let mut moves = Vec::new();
    let mut averages = Vec::new();
    let mut gaps = Vec::new();
    for ((listing, date), day) in days {
        for DayBar {
            series,
            currency,
            bar,
        } in day.bars
        {
            listings.push(listing);
            dates.push(date);
            metrics.push(series.number());
            currencies.push(currency.map(|currency| currency.code().to_owned()));
            let values = [bar.open(), bar.high(), bar.low(), bar.close()];
            for (column, value) in ends.iter_mut().zip(values) {
                column.push(value);
            }
            times.push(array(&bar.steps, |(at, _)| {
                at.to_rfc3339_opts(SecondsFormat::Micros, true)
            }));
            figures.push(array(&bar.steps, |(_, value)| {
                value.map_or_else(|| "null".to_owned(), |value| value.to_string())
            }));
            lasts.push(bar.last_at);
            moves.push(i32::try_from(bar.moves).unwrap_or(i32::MAX));
            averages.push(bar.average);
            gaps.push(bar.gap.num_microseconds().unwrap_or(i64::MAX));
        }
    }
    let insert = sqlx::query(
        "insert into catalog.history_bar (listing_id, day, metric, currency, open, high, low, close, times, figures,
                                          last_at, steps, average, gap_us)
         select n.listing_id, n.day, n.metric, n.currency, n.open, n.high, n.low, n.close, n.times::timestamptz[],
                n.figures::bigint[], n.last_at, n.steps, n.average, n.gap_us
         from unnest($1::bigint[], $2::date[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::text[], $10::text[], $11::timestamptz[], $12::integer[], $13::bigint[], $14::bigint[])
              as n (listing_id, day, metric, currency, open, high, low, close, times, figures, last_at, steps, average,
                    gap_us)",
    );
    let [open, high, low, close] = ends;
    let insert = insert
        .bind(listings)
        .bind(dates)
        .bind(metrics)
        .bind(currencies)
        .bind(open)
        .bind(high)
        .bind(low)
        .bind(close)
        .bind(times)
        .bind(figures)
        .bind(lasts)
        .bind(moves)
        .bind(averages)
        .bind(gaps);
    execute(connection, insert).await?;
    Ok(())
}

/// An array as Postgres writes it: UNNEST takes arrays of arrays of one length only.
fn array(steps: &[Step], element: impl Fn(&Step) -> String) -> String {
    let elements: Vec<String> = steps.iter().map(element).collect();
    format!("{{{}}}", elements.join(","))
}

/// The numbers of every metric.
pub fn metrics() -> Vec<i16> {
    Series::ALL.map(Series::number).to_vec()
}

/// When a day begins.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
