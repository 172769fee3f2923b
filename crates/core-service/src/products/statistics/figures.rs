//! From what was seen to the numbers, by the domain's rules.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::money::Currency;
use domain::statistics::{
    Average, Direction, Event, Extremes, FEW_LOOKS, Forecast, Line, Method, NoForecast, Restocks,
    Share, Slide, Trend, WINDOWS, average, depletion, forecast, restocks, share, slides, trend,
    volatility,
};

use super::view::{
    AverageView, Confidence, DirectionWord, EventWord, ForecastView, MethodWord, NoForecastWord,
    NoTrendWord, PriceEnd, PriceStatistics, RankAverage, RankEnd, RankStatistics, RestocksView,
    SlideView, StockShare, StockStatistics, TrendView, UsualHour, UsualWeekday,
};
use crate::products::view::Money;

/// Slides that are shown, the newest.
const SLIDES: usize = 5;

/// How much all of it can be trusted.
pub fn confidence(looks: i64) -> Confidence {
    if looks < i64::from(FEW_LOOKS) {
        Confidence::Low
    } else {
        Confidence::Normal
    }
}

/// The numbers of a price; nothing without a currency, because there never was a price.
pub fn price(
    currency: Option<Currency>,
    line: &Line,
    earlier: Option<Extremes>,
) -> Option<PriceStatistics> {
    let currency = currency?;
    let money = |minor| Money::from(domain::money::Money::from_minor(minor, currency));
    let ends = Extremes::of_both(earlier, domain::statistics::extremes(line));
    let end = |(minor, at)| PriceEnd {
        price: money(minor),
        at,
    };
    let longest = window(line, WINDOWS[WINDOWS.len() - 1]);
    let today = line.current();
    let above = |than: i64| share(line, longest.0, longest.1, |value| value > than);
    let below = |than: i64| share(line, longest.0, longest.1, |value| value < than);
    let month = window(line, WINDOWS[0]);
    let trend = trend(line, line.end());
    let mut cuts = slides(line);
    cuts.reverse();
    cuts.truncate(SLIDES);
    Some(PriceStatistics {
        currency: currency.code(),
        current: today.map(money),
        lowest: ends.map(|ends| end(ends.lowest)),
        highest: ends.map(|ends| end(ends.highest)),
        averages: averages(line)
            .map(|(days, average)| AverageView {
                days,
                price: average.map(|average| money(average.value)),
                covered_days: covered(average.map(|average| average.covered)),
            })
            .collect(),
        cheaper_than_percent: today.and_then(above).map(percent),
        dearer_than_percent: today.and_then(below).map(percent),
        volatility_percent: volatility(line, month.0, month.1).map(hundredths),
        trend_missing: trend.is_none().then_some(NoTrendWord::TooFewDays),
        trend: trend.map(TrendView::from),
        slides: cuts
            .into_iter()
            .map(|slide| slide_view(slide, money))
            .collect(),
    })
}

/// The numbers of a rank; nothing where there never was one.
pub fn rank(line: &Line, earlier: Option<Extremes>) -> Option<RankStatistics> {
    let ends = Extremes::of_both(earlier, domain::statistics::extremes(line))?;
    let end = |(rank, at)| RankEnd { rank, at };
    let trend = trend(line, line.end());
    Some(RankStatistics {
        current: line.current(),
        best: end(ends.lowest),
        worst: end(ends.highest),
        averages: averages(line)
            .map(|(days, average)| RankAverage {
                days,
                rank: average.map(|average| average.value),
                covered_days: covered(average.map(|average| average.covered)),
            })
            .collect(),
        trend_missing: trend.is_none().then_some(NoTrendWord::TooFewDays),
        trend: trend.map(TrendView::from),
    })
}

/// The numbers of a stock.
pub fn stock(stock: &Line, quantity: &Line, zone: Tz) -> StockStatistics {
    let now = stock.current();
    // How fast units go says more than how long they lasted before; but only while there are some.
    let units = depletion(quantity).filter(|_| now != Some(0));
    let forecast = units.map_or_else(|| forecast(stock), Ok);
    StockStatistics {
        in_stock: now.map(|state| state != 0),
        out_of_stock: WINDOWS
            .into_iter()
            .map(|days| {
                let (from, to) = window(stock, days);
                let out = share(stock, from, to, |state| state == 0);
                StockShare {
                    days,
                    percent: out.map(percent),
                    covered_days: covered(out.map(|out| out.covered)),
                }
            })
            .collect(),
        restocks: restocks(stock, zone).map(|found| restocks_view(&found)),
        forecast_missing: forecast.err().map(NoForecastWord::from),
        forecast: forecast.ok().map(ForecastView::from),
    }
}

fn averages(line: &Line) -> impl Iterator<Item = (u16, Option<Average>)> + '_ {
    WINDOWS.into_iter().map(|days| {
        let (from, to) = window(line, days);
        (days, average(line, from, to))
    })
}

fn window(line: &Line, days: u16) -> (DateTime<Utc>, DateTime<Utc>) {
    (line.end() - TimeDelta::days(days.into()), line.end())
}

fn percent(share: Share) -> f64 {
    f64::from(share.basis_points) / 100.0
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Days with one decimal, rounded down: half a window is never called a whole one.
fn covered(time: Option<TimeDelta>) -> f64 {
    let tenths = time.unwrap_or_default().num_minutes() / 144;
    f64::from(i32::try_from(tenths).unwrap_or(i32::MAX)) / 10.0
}

fn slide_view(slide: Slide, money: impl Fn(i64) -> Money) -> SlideView {
    let Slide {
        from,
        to,
        cuts,
        before,
        after,
        running,
    } = slide;
    let fall = i128::from(after - before) * 10_000 / i128::from(before.max(1));
    SlideView {
        from,
        to,
        cuts,
        before: money(before),
        after: money(after),
        percent: i32::try_from(fall).map_or(-100.0, |points| f64::from(points) / 100.0),
        running,
    }
}

fn restocks_view(found: &Restocks) -> RestocksView {
    let Restocks {
        count,
        last_at,
        typical_gap,
        typical_absence,
        weekday,
        hour,
    } = found;
    RestocksView {
        count: *count,
        last_at: *last_at,
        typical_gap_seconds: typical_gap.map(|gap| gap.num_seconds()),
        typical_absence_seconds: typical_absence.map(|absence| absence.num_seconds()),
        weekday: weekday.map(|usual| UsualWeekday {
            weekday: usual.value.num_days_from_monday() + 1,
            count: usual.count,
        }),
        hour: hour.map(|usual| UsualHour {
            hour: usual.value,
            count: usual.count,
        }),
    }
}

impl From<Trend> for TrendView {
    fn from(trend: Trend) -> Self {
        let Trend {
            direction,
            percent_per_30_days,
            confidence,
            days,
        } = trend;
        Self {
            direction: match direction {
                Direction::Rising => DirectionWord::Rising,
                Direction::Falling => DirectionWord::Falling,
                Direction::Steady => DirectionWord::Steady,
                Direction::Unclear => DirectionWord::Unclear,
            },
            percent_per_30_days: hundredths(percent_per_30_days),
            confidence: confidence.map(hundredths),
            days,
        }
    }
}

impl From<Forecast> for ForecastView {
    fn from(forecast: Forecast) -> Self {
        let Forecast {
            event,
            method,
            expected_at,
            earliest_at,
            latest_at,
            samples,
            tested,
            error,
        } = forecast;
        Self {
            event: match event {
                Event::StockOut => EventWord::StockOut,
                Event::Restock => EventWord::Restock,
            },
            method: match method {
                Method::PastTimes => MethodWord::PastTimes,
                Method::UnitsLeft => MethodWord::UnitsLeft,
            },
            expected_at,
            earliest_at,
            latest_at,
            samples,
            tested,
            error_seconds: error.map(|error| error.num_seconds()),
        }
    }
}

impl From<NoForecast> for NoForecastWord {
    fn from(reason: NoForecast) -> Self {
        match reason {
            NoForecast::StockUnknown => Self::StockUnknown,
            NoForecast::TooFewCases => Self::TooFewCases,
            NoForecast::LongerThanEver => Self::LongerThanEver,
        }
    }
}
