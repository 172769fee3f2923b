//! What people expect, one sentence at a time.

use super::*;

#[test]
fn a_target_price_is_told_once_when_it_is_reached() {
    let test = rule(Test::Level(level(100)));
    let looks = prices(&[120, 100, 90, 99, 101, 100]);
    assert_eq!(hours(&test, &looks, &always()), [1, 5]);
}

#[test]
fn a_hysteresis_keeps_a_value_at_the_limit_silent() {
    let mut test = level(100);
    test.hysteresis = 5;
    let looks = prices(&[120, 100, 101, 100, 105, 99, 106, 100]);
    assert_eq!(hours(&rule(Test::Level(test)), &looks, &always()), [1, 7]);
}

#[test]
fn further_drops_are_told_where_the_rule_asks_for_steps() {
    let mut test = level(100);
    test.step = Some(10);
    let looks = prices(&[120, 100, 95, 90, 91, 85, 79, 95, 80, 130, 100]);
    assert_eq!(
        hours(&rule(Test::Level(test)), &looks, &always()),
        [1, 3, 6, 10],
        "each new step once, and from the beginning after it left"
    );
}

#[test]
fn what_is_true_on_first_sight_is_told() {
    let test = rule(Test::Level(level(100)));
    assert_eq!(hours(&test, &prices(&[90, 90]), &always()), [0]);
    let since = Terms {
        since: at(2),
        anchors: None,
    };
    let looks = prices(&[120, 90, 90, 90, 80]);
    assert_eq!(
        hours(&test, &looks, &since),
        [1, 2],
        "a rule that is new is told of an old price"
    );
}

#[test]
fn a_price_that_comes_back_from_nowhere_is_told_anew() {
    let test = rule(Test::Level(level(100)));
    let looks = [
        (0, offered(90)),
        (1, Values::default()),
        (2, offered(90)),
        (3, gone()),
        (4, offered(90)),
    ];
    assert_eq!(hours(&test, &looks, &always()), [0, 4]);
}

#[test]
fn a_fall_below_the_median_is_told_when_it_begins_not_at_each_look() {
    let median = Baseline::Median {
        days: 30,
        min_days: 1,
    };
    let test = rule(Test::Move(from(median, Direction::Down, 15)));
    let mut looks: Vec<_> = (0..48).map(|hour| (hour, offered(1000))).collect();
    looks.extend([(48, offered(840)), (49, offered(830)), (50, offered(990))]);
    looks.extend([(51, offered(800))]);
    let sights = sights(&looks);
    let line = Timeline::new(&sights, true);
    let fired = replay(&test, &line, 0..sights.len(), &always()).expect("all here");
    let told: Vec<_> = fired
        .iter()
        .map(|fired| (fired.before.clone(), fired.change, fired.days))
        .collect();
    let thousand = Figure::of(Metric::Price, usd(1000));
    assert_eq!(
        told,
        [
            (thousand.clone(), Some(-1600), Some(30)),
            (thousand, Some(-2000), Some(30)),
        ]
    );
}

#[test]
fn too_little_history_says_nothing() {
    let average = Baseline::Average {
        days: 30,
        min_days: 7,
    };
    let test = rule(Test::Move(from(average, Direction::Both, 10)));
    let short = [(0, offered(1000)), (7 * 24 - 1, offered(500))];
    assert!(hours(&test, &short, &always()).is_empty());
    let long = [(0, offered(1000)), (7 * 24, offered(500))];
    assert_eq!(hours(&test, &long, &always()), [7 * 24]);
}

#[test]
fn a_new_lowest_is_lower_than_everything_in_its_days() {
    let test = rule(Test::Extreme(Extreme {
        metric: Metric::Price,
        end: End::Lowest,
        days: 10,
        min_days: 1,
        min_step: Some(usd(5)),
    }));
    let looks = [
        (0, offered(100)),
        (24, offered(80)),
        (30, offered(120)),
        (40, offered(80)),
        (50, offered(76)),
        (60, offered(71)),
        (24 * 15, offered(200)),
        (24 * 25, offered(90)),
        (24 * 25 + 1, offered(80)),
    ];
    assert_eq!(hours(&test, &looks, &always()), [24, 60, 600, 601]);
}

#[test]
fn a_move_from_the_value_when_tracked_counts_from_there() {
    let mut anchors = Anchors::default();
    anchors.set(Metric::Price, at(1), usd(100));
    let terms = Terms {
        since: at(1),
        anchors: Some(anchors),
    };
    let test = rule(Test::Move(from(Baseline::Tracked, Direction::Down, 10)));
    let looks = prices(&[500, 100, 95, 89, 100, 80]);
    assert_eq!(hours(&test, &looks, &terms), [3, 5]);
}

#[test]
fn the_buy_box_tells_who_won_and_who_lost_it() {
    let held = |hour, seller: &str| {
        let mut values = offered(100);
        values.buy_box_seller = Some(seller.into());
        (hour, values)
    };
    let looks = [
        held(0, "A"),
        held(1, "B"),
        (2, offered(100)),
        held(3, "b"),
        held(4, "A"),
    ];
    let test = |event| hours(&rule(Test::BuyBox(event)), &looks, &always());
    assert_eq!(test(BuyBoxEvent::Changed), [1, 3, 4]);
    let seller = "a ".to_owned();
    assert_eq!(
        test(BuyBoxEvent::Won {
            seller: seller.clone()
        }),
        [4]
    );
    assert_eq!(test(BuyBoxEvent::Lost { seller }), [1]);
}

#[test]
fn stock_comes_and_goes() {
    let looks = [
        (0, offered(100)),
        (1, gone()),
        (2, Values::default()),
        (3, gone()),
        (4, offered(100)),
    ];
    let test = |event| hours(&rule(Test::Availability(event)), &looks, &always());
    assert_eq!(test(AvailabilityEvent::Restock), [4]);
    assert_eq!(test(AvailabilityEvent::OutOfStock), [1]);
}

#[test]
fn all_fires_when_the_last_of_them_begins_to_hold() {
    let rank = Level {
        metric: Metric::Rank,
        limit: Amount::Number(50),
        ..level(0)
    };
    let members = vec![
        Condition::Test(Test::Level(level(100))),
        Condition::Test(Test::Level(rank)),
    ];
    let looks = [
        (0, ranked(offered(120), 40)),
        (1, ranked(offered(120), 60)),
        (2, ranked(offered(90), 60)),
        (3, ranked(offered(90), 50)),
        (4, ranked(offered(80), 45)),
        (5, ranked(offered(120), 45)),
        (6, ranked(offered(99), 45)),
    ];
    let whole = |condition| Rule {
        condition,
        severity: SeverityChoice::BySize,
    };
    let all = whole(Condition::All(members.clone()));
    assert_eq!(hours(&all, &looks, &always()), [3, 6]);
    let any = whole(Condition::Any(members));
    assert_eq!(hours(&any, &looks, &always()), [0, 2, 3, 6]);
}

#[test]
fn other_words_are_told_with_what_they_were() {
    let change = |field, before: &str, after: &str| ContentChange {
        field,
        before: vec![before.into()],
        after: vec![after.into()],
    };
    let told = vec![
        change(ContentField::Title, "Lamp", "Lamp 2"),
        change(ContentField::Images, "a", "b"),
    ];
    let looks = [
        Sight::silent(at(0)),
        Sight::of(at(1), &offered(100)).with_changes(told),
    ];
    let line = Timeline::new(&looks, true);
    let fired = |fields: &[ContentField]| {
        let test = rule(Test::Content {
            fields: fields.to_vec(),
        });
        replay(&test, &line, 0..2, &always()).expect("all here")
    };
    let all = fired(&[ContentField::Title, ContentField::Images]);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].changes.len(), 2);
    assert_eq!(all[0].after, Figure::Text("Lamp 2".into()));
    assert!(fired(&[ContentField::Features]).is_empty());
}

#[test]
fn rules_are_kept_as_they_are() {
    let members = vec![
        Condition::Test(Test::Level(level(100))),
        Condition::Any(vec![Condition::Test(Test::Availability(
            AvailabilityEvent::Restock,
        ))]),
        Condition::Test(Test::Move(from(
            Baseline::Fixed { value: usd(5) },
            Direction::Up,
            3,
        ))),
    ];
    let condition = Condition::All(members);
    let json = serde_json::to_string(&condition).expect("json");
    let read: Condition = serde_json::from_str(&json).expect("read");
    assert_eq!(read, condition, "{json}");
    for rule in default_rules() {
        let json = serde_json::to_value(&rule.condition).expect("json");
        let read: Condition = serde_json::from_value(json).expect("read");
        assert_eq!(read, rule.condition);
        assert!(rule.is_local() && rule.as_moved().is_some());
    }
}

#[test]
fn the_rules_that_were_there_before_are_read_as_they_were() {
    // As the migration writes them.
    let stored = r#"{"test":"move","metric":"rank","baseline":{"kind":"previous"},"direction":"both",
                     "more_than":{"percent":3000}}"#;
    let condition: Condition = serde_json::from_str(stored).expect("read");
    assert_eq!(condition, default_rules()[1].condition);
    let json = serde_json::to_value(&condition).expect("json");
    let stored: serde_json::Value = serde_json::from_str(stored).expect("json");
    assert_eq!(json, stored);
}

#[test]
fn many_looks_cost_little_more_than_one() {
    const LOOKS: usize = 20_000;
    // Restless, and far from what is usual again and again.
    let looks: Vec<_> = (0..)
        .zip(0..LOOKS)
        .map(|(hour, n)| {
            (
                hour,
                offered(i64::try_from(100 + n * 7_919 % 89).expect("small")),
            )
        })
        .collect();
    let sights = sights(&looks);
    let recall = Recall::default();
    let line = Timeline::new(&sights, true).with(&recall);
    for (days, direction) in [(90, Direction::Up), (365, Direction::Both)] {
        let median = Baseline::Median { days, min_days: 1 };
        let rule = rule(Test::Move(from(median, direction, 20)));
        let fired = replay(&rule, &line, 0..sights.len(), &always()).expect("everything is here");
        assert!(!fired.is_empty());
    }
    let most = 20 * LOOKS as u64;
    assert!(recall.effort() < most, "{} of {most}", recall.effort());
}
