//! Price and rank against the value before.

use super::*;
use crate::history::{LastKnown, Transition};

fn move_of(before: i64, after: i64) -> Transition {
    let usd = Currency::parse("USD").expect("USD exists");
    Transition {
        at: at(0),
        before: LastKnown {
            price: Some(Money::from_minor(before, usd)),
            rank: i32::try_from(before).ok(),
            ..LastKnown::default()
        },
        first: false,
        after: ranked(offered(after), i32::try_from(after).expect("small")),
    }
}

#[test]
fn fires_only_beyond_the_threshold_either_way() {
    let [price, rank] = default_rules();
    let change = |rule: &Rule, before, after| {
        evaluate_local(rule, &move_of(before, after)).and_then(|fired| fired.change)
    };
    assert_eq!(
        change(&price, 1000, 900),
        None,
        "exactly 10 % does not fire"
    );
    assert_eq!(change(&price, 1000, 899), Some(-1010));
    assert_eq!(change(&price, 1000, 1101), Some(1010));
    assert_eq!(change(&rank, 1000, 1300), None);
    assert_eq!(change(&rank, 1000, 690), Some(-3100));
    let severity = |after| {
        evaluate_local(&price, &move_of(1000, after))
            .expect("fires")
            .severity
    };
    assert_eq!(severity(1101), Severity::Warning);
    assert_eq!(severity(700), Severity::Warning, "three times exactly");
    assert_eq!(severity(699), Severity::Critical);
}

#[test]
fn says_before_after_and_percent() {
    let fired = evaluate_local(&default_rules()[0], &move_of(2000, 1600)).expect("fires");
    assert_eq!(fired.change, Some(-2000));
    assert_eq!(
        serde_json::to_string(&fired.before).expect("json"),
        r#"{"amount":"20.00","currency":"USD"}"#
    );
}

#[test]
fn stays_silent_without_something_to_compare() {
    let [price, _] = default_rules();
    let mut first = move_of(1000, 500);
    first.before.price = None;
    assert_eq!(evaluate_local(&price, &first), None);
    let mut gone = move_of(1000, 500);
    gone.after.offer = Offer::None;
    assert_eq!(evaluate_local(&price, &gone), None);
    let mut abroad = move_of(1000, 500);
    abroad.after.currency = Some("EUR".into());
    assert_eq!(
        evaluate_local(&price, &abroad),
        None,
        "another currency is no price move"
    );
}

#[test]
fn one_way_absolute_sizes_and_cents_can_be_chosen() {
    let mut test = from(Baseline::Previous, Direction::Down, 1);
    test.min_step = Some(usd(50));
    let down = rule(Test::Move(test.clone()));
    assert!(evaluate_local(&down, &move_of(1000, 950)).is_some());
    assert!(
        evaluate_local(&down, &move_of(1000, 951)).is_none(),
        "cents"
    );
    assert!(evaluate_local(&down, &move_of(1000, 2000)).is_none(), "up");
    test.more_than = Size::Absolute(usd(100));
    let absolute = rule(Test::Move(test));
    assert!(evaluate_local(&absolute, &move_of(1000, 900)).is_none());
    assert!(evaluate_local(&absolute, &move_of(1000, 899)).is_some());
}

#[test]
fn several_tests_fire_together_or_apart() {
    let [price, rank] = default_rules();
    let members = vec![price.condition, rank.condition];
    let whole = |condition| Rule {
        condition,
        severity: SeverityChoice::Info,
    };
    let all = whole(Condition::All(members.clone()));
    let any = whole(Condition::Any(members));
    assert!(all.is_local() && any.is_local());
    let both = evaluate_local(&all, &move_of(1000, 500)).expect("both moved");
    assert_eq!((both.kind, both.severity), (Kind::Price, Severity::Info));
    let mut price_alone = move_of(1000, 500);
    price_alone.before.rank = Some(501);
    assert_eq!(evaluate_local(&all, &price_alone), None);
    assert!(evaluate_local(&any, &price_alone).is_some());
}
