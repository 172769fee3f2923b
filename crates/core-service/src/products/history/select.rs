//! The statements that read lines. Each reads through the tenant's view, for several listings and metrics at once, and
//! sends no more than so many points a line, however long the history is.
//!
//! A connection keeps the plan of each, which tells of every month there is. So there are only a few of them: which
//! metrics are wanted is a parameter.

use super::metric::Metric;

/// Which part of time. Each plan is made for every month, and which of them it reads is found when it runs: by bounds
/// that stand there, not by conditions that may hold for everything.
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

/// Metrics that are read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Amounts of a currency, with gaps where nobody offered the product.
    Money,
    /// All others.
    Count,
}

impl Kind {
    /// The metric's.
    #[must_use]
    pub const fn of(metric: Metric) -> Self {
        if metric.is_money() {
            Self::Money
        } else {
            Self::Count
        }
    }

    fn metrics(self) -> impl Iterator<Item = Metric> {
        let all = Metric::ALL.into_iter();
        all.filter(move |metric| Self::of(*metric) == self)
    }
}

/// The figure of a row `h` of history that belongs to the metric with this number.
fn figure(metrics: impl Iterator<Item = Metric>, number: &str) -> String {
    by_number(number, metrics, |metric| {
        format!("h.{}::bigint", metric.column())
    })
}

/// Whether a row `h` of history says something of the metric; see [`Metric::known`].
fn known(metrics: impl Iterator<Item = Metric>, number: &str) -> String {
    by_number(number, metrics, Metric::known)
}

fn by_number(
    number: &str,
    metrics: impl Iterator<Item = Metric>,
    told: impl Fn(Metric) -> String,
) -> String {
    let whens = metrics.map(|metric| format!("when {} then {}", metric.number(), told(metric)));
    format!("case {number} {} end", whens.collect::<Vec<_>>().join(" "))
}

/// Where the points of a metric are read from, as `observed_at`, `amount` and `currency`: looks, and before the instant
/// `raw` the days that stand for those that are gone.
#[derive(Clone, Copy)]
struct Source<'a> {
    kind: Kind,
    /// The metric's number.
    number: &'a str,
    bounds: Bounds,
    /// The parameter that says from when on there are looks.
    raw: &'a str,
}

impl Source<'_> {
    fn sql(self) -> String {
        let Self {
            kind,
            number,
            bounds,
            raw,
        } = self;
        let figure = figure(kind.metrics(), number);
        let known = known(kind.metrics(), number);
        let range = bounds.sql("h.observed_at");
        let looks = format!(
            r#"select h.observed_at, {figure} as amount, h.currency from catalog.product_history h
               where h.listing_id = l.id and {range} and h."full" and {known}"#
        );
        if !bounds.days {
            return looks;
        }
        let range = bounds.sql("p.at");
        let begins = if bounds.begins {
            format!("and b.day >= {}", day("$2"))
        } else {
            String::new()
        };
        let before = day(raw);
        format!(
            "{looks} and h.observed_at >= {raw}
             union all
             select p.at, p.figure, b.currency
             from catalog.product_bar b cross join lateral unnest(b.times, b.figures) as p (at, figure)
             where b.listing_id = l.id and b.metric = {number} {begins} and b.day < {before} and {range}"
        )
    }
}

/// The day of a parameter.
fn day(parameter: &str) -> String {
    format!("({parameter}::timestamptz at time zone 'UTC')::date")
}

/// The first points of each line: where its figure became another one; and if there is a beginning, what held then, if
/// that was seen lately, as `held`.
///
/// Parameters: listings; beginning, or anything; end; most points of a line; numbers of amounts; numbers of other
/// metrics; how far before the beginning what held is looked for, or anything; with days, from when on there are looks.
#[must_use]
pub fn points(bounds: Bounds) -> String {
    let each = [(Kind::Money, "$5"), (Kind::Count, "$6")].map(|(kind, numbers)| {
        let changes = changes(Source {
            kind,
            number: "m.number",
            bounds,
            raw: "$8",
        });
        format!(
            "select false as held, m.number as metric, l.id as listing_id, p.at, p.value, p.currency
             from unnest($1::bigint[]) as l (id) cross join unnest({numbers}::smallint[]) as m (number)
             cross join lateral (
                 select q.at, q.value, q.currency from ({changes}) q
                 where q.place = 1 or q.value is distinct from q.before order by q.at limit $4) p"
        )
    });
    let mut parts = each.to_vec();
    if bounds.begins {
        parts.push(
            Held {
                until: "$2",
                from: "$7",
                numbers: "$5::smallint[] || $6::smallint[]",
                raw: bounds.days.then_some("$8"),
            }
            .sql(),
        );
    }
    format!(
        "{} order by held, metric, listing_id, at",
        parts.join(" union all ")
    )
}

/// What held when the range begins, if it was last seen long before: each figure's last value.
///
/// Parameters: listings; until when it is looked for, and from when on; numbers of metrics; with days, from when on there
/// are looks.
#[must_use]
pub fn held(days: bool) -> String {
    let (until, from, numbers) = ("$2", "$3", "$4::smallint[]");
    let raw = days.then_some("$5");
    Held {
        until,
        from,
        numbers,
        raw,
    }
    .sql()
}

/// Each figure's last value within a stretch of time, as `held`. Its parameters by name; `raw` says from when on there are
/// looks, if days stand for some of it.
#[derive(Clone, Copy)]
struct Held<'a> {
    until: &'a str,
    from: &'a str,
    numbers: &'a str,
    raw: Option<&'a str>,
}

impl Held<'_> {
    fn sql(self) -> String {
        let Self {
            until,
            from,
            numbers,
            raw,
        } = self;
        let value = figure(Metric::ALL.into_iter(), "m.number");
        let known = known(Metric::ALL.into_iter(), "m.number");
        let kept = raw.map_or_else(String::new, |raw| format!("and h.observed_at >= {raw}"));
        let looks = format!(
            r#"select h.observed_at, {value} as value, h.currency from catalog.product_history h
               where h.listing_id = l.id and h.observed_at < {until} and h.observed_at >= {from} {kept} and h."full"
                 and {known}
               order by h.observed_at desc limit 1"#
        );
        let last = match raw.map(day) {
            None => looks,
            Some(gone) => {
                let (first, last) = (day(from), day(until));
                format!(
                    "select * from (({looks}) union all (
                         select p.at, p.figure, b.currency
                         from catalog.product_bar b cross join lateral unnest(b.times, b.figures) as p (at, figure)
                         where b.listing_id = l.id and b.metric = m.number and b.day >= {first} and b.day <= {last}
                           and b.day < {gone} and p.at < {until}
                         order by b.day desc, p.at desc limit 1)) both_kinds
                     order by observed_at desc limit 1"
                )
            }
        };
        format!(
            "select true as held, m.number as metric, l.id as listing_id, p.observed_at as at, p.value, p.currency
             from unnest($1::bigint[]) as l (id) cross join unnest({numbers}) as m (number) cross join lateral ({last}) p"
        )
    }
}

/// Lines thinned to a few points of each of many stretches of equal length: the first, the lowest, the highest and the
/// last one, the last gap, and the ends of gaps that are needed to show no gap longer than it was.
///
/// Parameters: listings; beginning; end; the length of a stretch in microseconds; the metric's number; with days, from
/// when on there are looks. Times in the answer are microseconds from the beginning, and -1 is a gap: no figure is
/// negative.
#[must_use]
pub fn stretches(kind: Kind, days: bool) -> String {
    let begins = true;
    let changes = changes(Source {
        kind,
        number: "$5::smallint",
        bounds: Bounds { begins, days },
        raw: "$6",
    });
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
fn changes(source: Source<'_>) -> String {
    let kind = source.kind;
    let source = source.sql();
    if kind == Kind::Count {
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
