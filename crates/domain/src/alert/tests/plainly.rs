//! The fast way and the slow, plain one say the same.

use proptest::prelude::*;

use super::*;

pub(super) fn values() -> impl Strategy<Value = Values> {
    let price = prop_oneof![
        6 => (8_i64..13).prop_map(|tens| Some(tens * 10)),
        3 => (80_i64..130).prop_map(Some),
        1 => Just(None),
        1 => Just(Some(0)),
    ];
    let stock = prop_oneof![Just(None), (0_i32..6).prop_map(Some)];
    let seller = prop_oneof![2 => Just(None), 1 => Just(Some("A")), 1 => Just(Some("B"))];
    let rank = prop_oneof![1 => Just(None), 3 => (1_i32..8).prop_map(Some)];
    (price, stock, seller, rank, 0_u8..12).prop_map(|(price, stock, seller, rank, other)| {
        // A price of zero stands for no offer, none for a look that learnt nothing of it.
        let mut values = match price {
            Some(0) => gone(),
            Some(price) => offered(price),
            None => Values::default(),
        };
        if other == 0 && values.currency.is_some() {
            values.currency = Some("EUR".into());
        }
        if other == 1 {
            values.availability = Availability::PreOrder;
        }
        values.stock_quantity = stock;
        values.buy_box_seller = seller.map(Into::into);
        match rank {
            Some(rank) => ranked(values, rank),
            None => values,
        }
    })
}

fn baseline() -> impl Strategy<Value = Baseline> {
    let window = (1_u16..40).prop_flat_map(|days| (Just(days), 1..=days));
    prop_oneof![
        2 => Just(Baseline::Previous),
        2 => window.clone().prop_map(|(days, min_days)| Baseline::Median { days, min_days }),
        2 => window.prop_map(|(days, min_days)| Baseline::Average { days, min_days }),
        1 => Just(Baseline::Tracked),
        1 => (90_i64..110).prop_map(|value| Baseline::Fixed { value: usd(value) }),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let direction = prop_oneof![
        Just(Direction::Up),
        Just(Direction::Down),
        Just(Direction::Both)
    ];
    let percent = (0_i64..15, 0_i64..10, prop::option::of(1_i64..8));
    let step = prop::option::of((1_i64..15).prop_map(usd));
    let moves = (baseline(), direction, percent, any::<bool>(), step.clone()).prop_map(
        |(baseline, direction, (size, margin, step), absolute, min_step)| {
            let factor = if absolute { 1 } else { 100 };
            let more_than = match absolute {
                true => Size::Absolute(usd(size)),
                false => Size::Percent(size * 100),
            };
            Test::Move(Move {
                more_than,
                min_step,
                hysteresis: margin.min(size) * factor,
                step: step.map(|step| step * factor),
                ..from(baseline, direction, 0)
            })
        },
    );
    let side = prop_oneof![Just(Side::Above), Just(Side::Below)];
    let levels = (side, 85_i64..125, 0_i64..20, prop::option::of(1_i64..15)).prop_map(
        |(side, limit, hysteresis, step)| {
            Test::Level(Level {
                side,
                hysteresis,
                step,
                ..level(limit)
            })
        },
    );
    let stock = (0_i64..6, 0_i64..2).prop_map(|(limit, hysteresis)| {
        Test::Level(Level {
            metric: Metric::StockQuantity,
            limit: Amount::Number(limit),
            hysteresis,
            ..level(0)
        })
    });
    let end = prop_oneof![Just(End::Lowest), Just(End::Highest)];
    let extremes = (
        end,
        (1_u16..40).prop_flat_map(|days| (Just(days), 1..=days)),
        step,
    )
        .prop_map(|(end, (days, min_days), min_step)| {
            Test::Extreme(Extreme {
                metric: Metric::Price,
                end,
                days,
                min_days,
                min_step,
            })
        });
    let won = BuyBoxEvent::Won {
        seller: "A".to_owned(),
    };
    let changed = AvailabilityEvent::Changed {
        from: Vec::new(),
        to: vec![Availability::PreOrder],
    };
    prop_oneof![
        5 => moves,
        3 => levels,
        2 => stock,
        3 => extremes,
        1 => Just(Test::BuyBox(BuyBoxEvent::Changed)),
        1 => Just(Test::BuyBox(won)),
        1 => Just(Test::Availability(AvailabilityEvent::Restock)),
        1 => Just(Test::Availability(AvailabilityEvent::OutOfStock)),
        1 => Just(Test::Availability(changed)),
    ]
}

pub(super) fn any_rule() -> impl Strategy<Value = Rule> {
    let leaf = test().prop_map(Condition::Test);
    let tree = leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner, 1..4).prop_map(Condition::Any),
        ]
    });
    tree.prop_map(|condition| Rule {
        condition,
        severity: SeverityChoice::BySize,
    })
}

/// Looks with pauses of hours, days and weeks between them.
pub(super) fn looks() -> impl Strategy<Value = Vec<(i64, Values)>> {
    let pause = prop_oneof![8 => 1_i64..30, 3 => 30_i64..200, 1 => 200_i64..1_500];
    prop::collection::vec((pause, values()), 1..30).prop_map(|steps| {
        let mut hour = 0;
        steps
            .into_iter()
            .map(|(pause, values)| {
                hour += pause;
                (hour, values)
            })
            .collect()
    })
}

fn terms(since: i64) -> Terms {
    let mut anchors = Anchors::default();
    anchors.set(Metric::Price, at(since), usd(100));
    Terms {
        since: at(since),
        anchors: Some(anchors),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn as_the_reference(looks in looks(), rule in any_rule(), since in 0_i64..600) {
        let sights = sights(&looks);
        let line = Timeline::new(&sights, true);
        let terms = terms(since);
        for index in 0..sights.len() {
            let fired = evaluate(&rule, &line, index, &terms).expect("everything is here");
            let plainly = reference::fires(&rule, &sights, index, &terms);
            prop_assert_eq!(fired.is_some(), plainly, "look {}: {:?}", index, fired);
        }
    }

    #[test]
    fn what_was_reckoned_before_and_terms_of_the_line_say_the_same(
        looks in looks(), rule in any_rule(), since in 0_i64..600, first in any::<prop::sample::Index>(),
    ) {
        let sights = sights(&looks);
        let first = first.index(sights.len());
        let line = Timeline::new(&sights[first..], first == 0);
        let (terms, recall) = (terms(since), Recall::default());
        let kept = line.with(&recall);
        for index in (0..line.sights().len()).rev().chain(0..line.sights().len()) {
            let alone = evaluate(&rule, &line, index, &terms);
            prop_assert_eq!(&evaluate(&rule, &kept, index, &terms), &alone);
            prop_assert_eq!(&evaluate(&rule, &kept, index, &terms.on(&line)), &alone);
        }
    }

    #[test]
    fn less_history_says_the_same_or_that_it_is_too_short(
        looks in looks(), rule in any_rule(), since in 0_i64..600,
    ) {
        let sights = sights(&looks);
        let whole = Timeline::new(&sights, true);
        let terms = terms(since);
        for index in 0..sights.len() {
            let expected = evaluate(&rule, &whole, index, &terms);
            for first in 1..=index {
                let line = Timeline::new(&sights[first..], false);
                let said = evaluate(&rule, &line, index - first, &terms);
                prop_assert!(said == Err(TooShort) || said == expected, "from {}: {:?}", first, said);
            }
            // What a rule says it needs is enough: the looks of that time, and the one before.
            let from = sights[index].at - rule.looks_back();
            let first = sights.partition_point(|sight| sight.at < from).saturating_sub(1);
            let line = Timeline::new(&sights[first..], first == 0);
            prop_assert_eq!(evaluate(&rule, &line, index - first, &terms), expected);
        }
    }
}
