use chrono::{DateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::reference::{Seen, hour};
use super::*;
use crate::availability::Availability;
use crate::money::{Currency, Money};
use crate::observation::Offer;

impl Seen {
    fn line(&self) -> Line {
        let seen = self.values.iter().map(|(at, value)| (hour(*at), *value));
        Line::new(seen, hour(self.end))
    }
}

fn line(steps: &[(i64, Option<i64>)], end: i64) -> Line {
    let values = steps.to_vec();
    Seen { values, end }.line()
}

fn day(of: i64) -> DateTime<Utc> {
    hour(of * 24)
}

/// Looks at distinct hours, in any order, gaps among them; some lie beyond the end.
fn seen(values: impl Strategy<Value = Option<i64>>, hours: i64) -> impl Strategy<Value = Seen> {
    let hours = proptest::collection::btree_map(0..hours, values, 0..40);
    let moments = hours.prop_map(|seen| seen.into_iter().collect::<Vec<_>>());
    (moments.prop_shuffle(), 1..2_600_i64).prop_map(|(values, end)| Seen { values, end })
}

fn price() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![5 => (1_i64..3_000).prop_map(Some), 1 => Just(None)]
}

fn state() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(Some(0)), Just(Some(1))]
}

proptest! {
    #[test]
    fn averages_shares_and_extremes_equal_the_plain_ones(
        seen in seen(price(), 2_600), from in -50_i64..2_600, length in 0_i64..2_600, than in 1_i64..3_000,
    ) {
        let (line, to) = (seen.line(), from + length);
        let hours = |covered: TimeDelta| covered.num_hours();
        prop_assert_eq!(
            average(&line, hour(from), hour(to)).map(|is| (is.value, hours(is.covered))),
            seen.average(from, to)
        );
        prop_assert_eq!(
            share(&line, hour(from), hour(to), |value| value > than).map(|is| (is.basis_points, hours(is.covered))),
            seen.share(from, to, |value| value > than)
        );
        let found = extremes(&line).map(|is| [is.lowest, is.highest]);
        prop_assert_eq!(found, seen.extremes().map(|both| both.map(|(value, at)| (value, hour(at)))));
        match (volatility(&line, hour(from), hour(to)), seen.volatility(from, to)) {
            (Some(is), Some(plain)) => prop_assert!((is - plain).abs() < 1e-6, "{is} {plain}"),
            (is, plain) => prop_assert_eq!(is, plain),
        }
    }

    #[test]
    fn extremes_of_two_parts_are_those_of_the_whole(seen in seen(price(), 2_600), cut in 0_i64..2_600) {
        let part = |later: bool| {
            let values = seen.values.iter().copied().filter(|(at, _)| (*at >= cut) == later).collect();
            extremes(&Seen { values, end: seen.end }.line())
        };
        prop_assert_eq!(Extremes::of_both(part(false), part(true)), extremes(&seen.line()));
    }

    #[test]
    fn slides_equal_the_plain_ones(seen in seen(price(), 400)) {
        let found: Vec<_> = slides(&seen.line()).into_iter().map(|is| (is.from, is.to, is.cuts)).collect();
        let plain: Vec<_> = seen.slides().into_iter().map(|(from, to, cuts)| (hour(from), hour(to), cuts)).collect();
        prop_assert_eq!(found, plain);
    }

    #[test]
    fn restocks_and_forecasts_equal_the_plain_ones(seen in seen(state(), 2_600)) {
        let line = seen.line();
        let (back, _) = seen.times(1);
        let found = restocks(&line, Tz::UTC);
        prop_assert_eq!(found.as_ref().map(|is| (is.count, is.last_at)),
            back.last().map(|last| (back.len() as u32, hour(*last))));
        let mut gaps: Vec<i64> = back.windows(2).map(|two| two[1] - two[0]).collect();
        gaps.sort_unstable();
        let typical = (gaps.len() >= 3).then(|| TimeDelta::hours(gaps[(gaps.len() - 1) / 2]));
        prop_assert_eq!(found.and_then(|is| is.typical_gap), typical);

        if let Some(state) = line.current() {
            let (began, times) = seen.times(state);
            let since = began.last().copied().or(seen.values.iter().map(|(at, _)| *at).min()).unwrap_or(0);
            let longer = times.iter().filter(|time| **time > seen.end - since).count();
            let predicted = match forecast(&line) {
                Ok(forecast) => {
                    prop_assert!(forecast.expected_at > line.end());
                    prop_assert!(forecast.earliest_at <= forecast.expected_at);
                    prop_assert!(forecast.latest_at >= Some(forecast.expected_at));
                    prop_assert_eq!(forecast.tested as usize, times.len() - 3);
                    Ok(forecast.samples as usize)
                }
                Err(reason) => Err(reason),
            };
            let plain = if times.len() < 3 {
                Err(NoForecast::TooFewCases)
            } else if longer < 2 {
                Err(NoForecast::LongerThanEver)
            } else {
                Ok(longer)
            };
            prop_assert_eq!(predicted, plain);
        }
    }

    #[test]
    fn units_left_never_end_before_now(seen in seen((0_i64..50).prop_map(Some), 2_600)) {
        if let Some(forecast) = depletion(&seen.line()) {
            prop_assert!(forecast.expected_at >= hour(seen.end));
            prop_assert!(forecast.earliest_at <= forecast.expected_at);
            prop_assert!(forecast.latest_at.is_none_or(|latest| latest >= forecast.expected_at));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn slopes_equal_the_plain_ones(seen in seen(price(), 2_600)) {
        if let Some(trend) = trend(&seen.line(), hour(seen.end)) {
            let plain = seen.slope(90).expect("days");
            prop_assert!((trend.percent_per_30_days - plain).abs() < 1e-6, "{} {plain}", trend.percent_per_30_days);
            prop_assert!(trend.confidence.is_none_or(|sure| (0.0..=1.0).contains(&sure)));
        }
    }
}

#[test]
fn an_average_rounds_halves_upwards_and_weighs_by_time() {
    let two = line(&[(0, Some(1)), (1, Some(2))], 2);
    let whole = average(&two, hour(0), hour(2)).expect("an average");
    assert_eq!((whole.value, whole.covered), (2, TimeDelta::hours(2)));
    let mostly = line(&[(0, Some(1000)), (23, Some(2000))], 24);
    assert_eq!(
        average(&mostly, day(0), day(1)).map(|is| is.value),
        Some(1042)
    );
    // Great sums stay exact.
    let great = line(&[(0, Some(i64::MAX)), (1, Some(i64::MAX - 1))], 8_760);
    assert_eq!(
        average(&great, hour(0), hour(8_760)).map(|is| is.value),
        Some(i64::MAX - 1)
    );
}

#[test]
fn one_look_has_a_value_but_no_time() {
    let one = line(&[(0, Some(5))], 0);
    assert_eq!(one.current(), Some(5));
    assert!(extremes(&one).is_some());
    assert_eq!(average(&one, hour(-24), hour(0)), None);
    assert_eq!(share(&one, hour(-24), hour(0), |_| true), None);
    assert_eq!(trend(&one, hour(0)), None);
    assert_eq!(forecast(&one), Err(NoForecast::TooFewCases));
    assert_eq!(forecast(&line(&[], 0)), Err(NoForecast::StockUnknown));
}

fn look(at: i64, offer: Offer, price: Option<(i64, &str)>) -> Look {
    Look {
        at: hour(at),
        offer,
        price: price.map(|(minor, code)| {
            Money::from_minor(minor, Currency::parse(code).expect("a currency"))
        }),
        in_stock: None,
        availability: Availability::Unknown,
        stock_quantity: None,
        rank: None,
    }
}

#[test]
fn no_offer_and_other_currencies_are_gaps_and_not_collected_is_nothing() {
    let looks = [
        look(0, Offer::Offered, Some((9_000, "EUR"))),
        look(1, Offer::Offered, Some((1_000, "USD"))),
        look(2, Offer::NotCollected, None),
        look(3, Offer::None, None),
        look(5, Offer::Offered, Some((2_000, "USD"))),
    ];
    let (currency, prices) = price_line(&looks, hour(7));
    assert_eq!(currency.map(Currency::code), Some("USD"));
    let steps = [
        (hour(0), None),
        (hour(1), Some(1_000)),
        (hour(3), None),
        (hour(5), Some(2_000)),
    ];
    assert_eq!(prices.steps(), steps);
    // Two hours at 10 and two at 20.
    assert_eq!(
        average(&prices, hour(0), hour(7)).map(|is| is.value),
        Some(1_500)
    );
    let stock = stock_line(&looks, hour(7));
    let out = share(&stock, hour(0), hour(7), |state| state == 0).expect("a share");
    assert_eq!(out.basis_points, 2_857, "two hours of seven");
}

#[test]
fn whether_it_can_be_bought() {
    let mut told = look(0, Offer::NotCollected, None);
    assert_eq!(told.could_be_bought(), None);
    told.availability = Availability::PreOrder;
    assert_eq!(told.could_be_bought(), Some(true));
    told.in_stock = Some(false);
    assert_eq!(told.could_be_bought(), Some(false));
    told.in_stock = Some(true);
    told.offer = Offer::None;
    assert_eq!(told.could_be_bought(), Some(false));
}

/// A value for each of the days.
fn days(values: impl IntoIterator<Item = i64>) -> Line {
    let steps: Vec<_> = (0..)
        .zip(values)
        .map(|(day, value)| (day * 24, Some(value)))
        .collect();
    let end = steps.len() as i64 * 24;
    line(&steps, end)
}

#[test]
fn trends_are_told_only_where_many_moves_agree() {
    let of = |values: Vec<i64>| {
        let line = days(values);
        trend(&line, line.end()).expect("a trend")
    };
    let falling = of((0..60).map(|day| 10_000 - day * 50).collect());
    assert_eq!(falling.direction, Direction::Falling);
    assert!(falling.confidence > Some(0.99) && falling.percent_per_30_days < -15.0);
    let rising = of((0..60)
        .map(|day| 10_000 + day * 50 + day % 3 * 60)
        .collect());
    assert_eq!(rising.direction, Direction::Rising);
    let steady = of(vec![1_999; 60]);
    assert_eq!(
        (steady.direction, steady.confidence),
        (Direction::Steady, None)
    );
    let back_and_forth = of((0..60).map(|day| 2_000 + day / 7 % 2 * 500).collect());
    assert_eq!(back_and_forth.direction, Direction::Unclear);
    let once = of((0..60)
        .map(|day| if day < 30 { 2_000 } else { 1_500 })
        .collect());
    assert_eq!(
        once.direction,
        Direction::Unclear,
        "one move is no trend: {once:?}"
    );
    let young = days((0..13).map(|day| 10_000 - day * 500));
    assert_eq!(trend(&young, young.end()), None);
}

#[test]
fn a_price_cut_again_and_again_is_a_slide() {
    let cut = |end| {
        let steps = [
            (0, Some(2_000)),
            (10, Some(1_900)),
            (20, None),
            (30, Some(1_850)),
            (60, Some(1_800)),
        ];
        slides(&line(&steps, end))
    };
    let expected = Slide {
        from: hour(10),
        to: hour(60),
        cuts: 3,
        before: 2_000,
        after: 1_800,
        running: true,
    };
    assert_eq!(cut(70), [expected]);
    assert!(!cut(60 + 73)[0].running);
    let taken_back = line(
        &[
            (0, Some(2_000)),
            (10, Some(1_800)),
            (11, Some(2_000)),
            (12, Some(1_800)),
            (13, Some(1_700)),
        ],
        20,
    );
    assert_eq!(slides(&taken_back), []);
}

#[test]
fn restocks_have_a_usual_day_by_the_clock_of_the_reader() {
    // Sold out for a day before each of five Thursdays, 17:00 in London, which is Friday in Tokyo.
    let mut steps = vec![(0, Some(1))];
    for week in 1..=5 {
        steps.push((week * 168 - 8, Some(0)));
        steps.push((week * 168 + 16, Some(1)));
    }
    let stock = line(&steps, 1_000);
    let in_utc = restocks(&stock, Tz::UTC).expect("restocks");
    assert_eq!(in_utc.count, 5);
    assert_eq!(in_utc.typical_gap, Some(TimeDelta::days(7)));
    assert_eq!(in_utc.typical_absence, Some(TimeDelta::days(1)));
    let usual = |value, count| Some(Usual { value, count });
    assert_eq!(in_utc.weekday, usual(Weekday::Thu, 5));
    let in_tokyo = restocks(&stock, Tz::Asia__Tokyo).expect("restocks");
    assert_eq!(in_tokyo.weekday, usual(Weekday::Fri, 5));
    assert_eq!(in_tokyo.hour.map(|hour| hour.value), Some(1));
    assert_eq!(restocks(&line(&[(0, Some(1))], 10), Tz::UTC), None);
}

#[test]
fn what_lasted_a_week_before_is_expected_to_last_a_week() {
    let mut steps = vec![(0, Some(0))];
    for week in 0..6 {
        steps.push((week * 240 + 1, Some(1)));
        steps.push((week * 240 + 169, Some(0)));
    }
    steps.push((6 * 240 + 1, Some(1)));
    let stock = line(&steps, 6 * 240 + 25);
    let forecast = forecast(&stock).expect("a forecast");
    assert_eq!(forecast.event, Event::StockOut);
    assert_eq!(forecast.expected_at, hour(6 * 240 + 169));
    assert_eq!((forecast.samples, forecast.tested), (6, 3));
    assert_eq!(forecast.error, Some(TimeDelta::zero()));
    let late = line(&steps, 6 * 240 + 400);
    assert_eq!(super::forecast(&late), Err(NoForecast::LongerThanEver));
}

#[test]
fn units_that_go_steadily_tell_when_they_are_gone() {
    // Two units every day, and a delivery of sixty on the tenth.
    let line = days((0..30).map(|day| {
        if day < 10 {
            60 - 2 * day
        } else {
            120 - 2 * day
        }
    }));
    let forecast = depletion(&line).expect("a forecast");
    let days_left = (forecast.expected_at - line.end()).num_hours();
    // 62 are left; the delivery hides one day's sales.
    assert!((31 * 24..35 * 24).contains(&days_left), "{days_left}");
    assert!(forecast.latest_at > Some(forecast.expected_at));
    assert!(forecast.tested > 10);
    assert!(
        forecast.error < Some(TimeDelta::days(4)),
        "{:?}",
        forecast.error
    );
    let sold_out = days((0..30).map(|day| (20 - day).max(0)));
    assert_eq!(depletion(&sold_out), None);
}
