//! The statements that read lines. Each reads through the tenant's view, for several listings and metrics at once, and
//! sends no more than so many points a line, however long the history is.

use super::metric::Metric;

/// Which part of time. Bounds that are absent are left out of a statement, because a condition that may hold for
/// everything keeps the planner from leaving out months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Whether there is a beginning.
    pub begins: bool,
}

impl Bounds {
    const fn sql(self) -> &'static str {
        if self.begins {
            "h.observed_at >= $2 and h.observed_at <= $3"
        } else {
            "h.observed_at <= $3"
        }
    }
}

/// The first points of each line: where its figure became another one.
///
/// Parameters: listings; beginning, or anything; end; most points of a line.
#[must_use]
pub fn points(metrics: &[Metric], bounds: Bounds) -> String {
    let each = metrics.iter().map(|metric| {
        let (number, changes) = (metric.number(), changes(*metric, bounds));
        format!(
            "select {number}::smallint as metric, l.id as listing_id, p.at, p.value, p.currency
             from unnest($1::bigint[]) as l (id) cross join lateral (
                 select q.at, q.value, q.currency from ({changes}) q
                 where q.place = 1 or q.value is distinct from q.before order by q.at limit $4) p"
        )
    });
    // The last parameters stand somewhere whatever the bounds are.
    format!(
        "{} order by metric, listing_id, at",
        each.collect::<Vec<_>>().join(" union all ")
    )
}

/// What held when the range begins: each figure's last value of the year before.
///
/// Parameters: listings; beginning; a year before it.
#[must_use]
pub fn held(metrics: &[Metric]) -> String {
    let each = metrics.iter().map(|metric| {
        let (number, column, known) = (metric.number(), metric.column(), metric.known());
        format!(
            r#"select {number}::smallint as metric, l.id as listing_id, p.* from unnest($1::bigint[]) as l (id) cross join lateral (
                 select $2::timestamptz as at, h.{column}::bigint as value, h.currency
                 from catalog.product_history h
                 where h.listing_id = l.id and h.observed_at < $2 and h.observed_at >= $3 and h."full" and {known}
                 order by h.observed_at desc limit 1) p"#
        )
    });
    each.collect::<Vec<_>>().join(" union all ")
}

/// Lines thinned to a few points of each of many stretches of equal length: the first, the lowest, the highest and the
/// last one, the last gap, and the ends of gaps that are needed to show no gap longer than it was.
///
/// Parameters: listings; beginning; end; the length of a stretch in microseconds. Times in the answer are microseconds
/// from the beginning, and -1 is a gap: no figure is negative.
#[must_use]
pub fn stretches(metric: Metric) -> String {
    let changes = changes(metric, Bounds { begins: true });
    format!(
        "select l.id as listing_id, p.* from unnest($1::bigint[]) as l (id) cross join lateral (
             select max(c.currency) as currency,
                    min(array[c.us, coalesce(c.value, -1)]) as first,
                    max(array[c.us, coalesce(c.value, -1)]) as last,
                    min(array[c.value, c.us]) filter (where c.value is not null) as lowest,
                    max(array[c.value, -c.us]) filter (where c.value is not null) as highest,
                    max(c.us) filter (where c.value is null) as gap,
                    min(array[c.us, c.value]) filter (where c.back) as first_back,
                    max(array[c.us, c.value]) filter (where c.back) as last_back
             from (
                 select q.value, q.currency, q.value is not null and q.before is null as back,
                        (date_part('epoch', q.at - $2::timestamptz) * 1000000)::bigint as us
                 from ({changes}) q
                 where q.place = 1 or q.value is distinct from q.before) c
             group by c.us / $4
             order by c.us / $4) p"
    )
}

/// Each look that knows the metric, with the figure before it and its place. A line has one currency, the newest one;
/// amounts in another one cannot be compared and are gaps.
fn changes(metric: Metric, bounds: Bounds) -> String {
    let (column, known, bounds) = (metric.column(), metric.known(), bounds.sql());
    if !metric.is_money() {
        return format!(
            r#"select h.observed_at as at, h.{column}::bigint as value, null::text as currency,
                      lag(h.{column}::bigint) over (order by h.observed_at) as before,
                      row_number() over (order by h.observed_at) as place
               from catalog.product_history h
               where h.listing_id = l.id and {bounds} and h."full" and {known}"#
        );
    }
    let value = format!("case when h.currency = c.currency then h.{column} end");
    format!(
        r#"select h.observed_at as at, {value} as value, c.currency,
                  lag({value}) over (order by h.observed_at) as before,
                  row_number() over (order by h.observed_at) as place
           from catalog.product_history h
           left join (
               select h.currency from catalog.product_history h
               where h.listing_id = l.id and {bounds} and h."full" and h.{column} is not null
               order by h.observed_at desc limit 1) c on true
           where h.listing_id = l.id and {bounds} and h."full" and {known}"#
    )
}
