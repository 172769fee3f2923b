//! The statements that read lines. Each reads through the tenant's view, for several listings and metrics at once, and
//! sends no more than so many points a line, however long the history is.

use super::metric::Metric;

/// Which part of time. Bounds that are absent are left out of a statement, because a condition that may hold for
/// everything keeps the planner from leaving out months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Whether there is a beginning.
    pub begins: bool,
    /// Whether it reaches back to where looks are gone and days stand for them.
    pub days: bool,
}

impl Bounds {
    fn sql(self, at: &str) -> String {
        let begins = if self.begins {
            format!("{at} >= $2 and ")
        } else {
            String::new()
        };
        format!("{begins}{at} <= $3")
    }
}

/// Where the points of a metric are read from, as `observed_at`, `amount` and `currency`: looks, and before the instant
/// `$5` the days that stand for those that are gone.
fn source(metric: Metric, bounds: Bounds) -> String {
    let (column, known, range) = (metric.column(), metric.known(), bounds.sql("h.observed_at"));
    let looks = format!(
        r#"select h.observed_at, h.{column}::bigint as amount, h.currency from catalog.product_history h
           where h.listing_id = l.id and {range} and h."full" and {known}"#
    );
    if !bounds.days {
        return looks;
    }
    let (number, range) = (metric.number(), bounds.sql("p.at"));
    let begins = if bounds.begins {
        format!("and b.day >= {}", day("$2"))
    } else {
        String::new()
    };
    let before = day("$5");
    format!(
        "{looks} and h.observed_at >= $5
         union all
         select p.at, p.figure, b.currency
         from catalog.product_bar b cross join lateral unnest(b.times, b.figures) as p (at, figure)
         where b.listing_id = l.id and b.metric = {number} {begins} and b.day < {before} and {range}"
    )
}

/// The day of a parameter.
fn day(parameter: &str) -> String {
    format!("({parameter}::timestamptz at time zone 'UTC')::date")
}

/// The first points of each line: where its figure became another one.
///
/// Parameters: listings; beginning, or anything; end; most points of a line; with days, from when on there are looks.
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
/// One look for all metrics: each that a statement has is planned for every month there is.
///
/// Parameters: listings; beginning; a year before it; with days, from when on there are looks.
#[must_use]
pub fn held(metrics: &[Metric], days: bool) -> String {
    let numbers = metrics
        .iter()
        .map(|metric| format!("({}::smallint)", metric.number()));
    let of_each = |told: fn(Metric) -> String| {
        let whens = metrics
            .iter()
            .map(|metric| format!("when {} then {}", metric.number(), told(*metric)));
        format!("case m.number {} end", whens.collect::<Vec<_>>().join(" "))
    };
    let value = of_each(|metric| format!("h.{}::bigint", metric.column()));
    let known = of_each(|metric| format!("({})", metric.known()));
    let kept = if days { "and h.observed_at >= $4" } else { "" };
    let looks = format!(
        r#"select h.observed_at, {value} as value, h.currency from catalog.product_history h
           where h.listing_id = l.id and h.observed_at < $2 and h.observed_at >= $3 {kept} and h."full" and {known}
           order by h.observed_at desc limit 1"#
    );
    let last = if days {
        let (from, to, gone) = (day("$3"), day("$2"), day("$4"));
        format!(
            "select * from (({looks}) union all (
                 select p.at, p.figure, b.currency
                 from catalog.product_bar b cross join lateral unnest(b.times, b.figures) as p (at, figure)
                 where b.listing_id = l.id and b.metric = m.number and b.day >= {from} and b.day <= {to}
                   and b.day < {gone} and p.at < $2
                 order by b.day desc, p.at desc limit 1)) both_kinds
             order by observed_at desc limit 1"
        )
    } else {
        looks
    };
    format!(
        "select m.number as metric, l.id as listing_id, $2::timestamptz as at, p.value, p.currency
         from unnest($1::bigint[]) as l (id) cross join (values {}) as m (number) cross join lateral ({last}) p",
        numbers.collect::<Vec<_>>().join(", ")
    )
}

/// Lines thinned to a few points of each of many stretches of equal length: the first, the lowest, the highest and the
/// last one, the last gap, and the ends of gaps that are needed to show no gap longer than it was.
///
/// Parameters: listings; beginning; end; the length of a stretch in microseconds; with days, from when on there are
/// looks. Times in the answer are microseconds from the beginning, and -1 is a gap: no figure is negative.
#[must_use]
pub fn stretches(metric: Metric, days: bool) -> String {
    let begins = true;
    let changes = changes(metric, Bounds { begins, days });
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

/// Each point that knows the metric, with the figure before it and its place. A line has one currency, the newest one;
/// amounts in another one cannot be compared and are gaps.
fn changes(metric: Metric, bounds: Bounds) -> String {
    let source = source(metric, bounds);
    if !metric.is_money() {
        return format!(
            "select h.observed_at as at, h.amount as value, null::text as currency,
                    lag(h.amount) over (order by h.observed_at) as before,
                    row_number() over (order by h.observed_at) as place
             from ({source}) h"
        );
    }
    let value = "case when h.currency = c.currency then h.amount end";
    format!(
        "select h.observed_at as at, {value} as value, c.currency,
                lag({value}) over (order by h.observed_at) as before,
                row_number() over (order by h.observed_at) as place
         from ({source}) h
         left join (
             select h.currency from ({source}) h where h.amount is not null
             order by h.observed_at desc limit 1) c on true"
    )
}
