use domain::alert::{Rule, default_rules};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn wrong(condition: Value) -> Vec<(String, String)> {
    read::read(&condition, "condition")
        .expect_err("must be refused")
        .into_iter()
        .map(|error| (error.field, error.message))
        .collect()
}

fn shown(condition: &Value) -> Value {
    let read = read::read(condition, "condition").expect("a condition");
    json!(show::show(&read))
}

#[test]
fn what_is_sent_is_shown() {
    let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
    for condition in [
        json!({ "test": "move", "metric": "price", "baseline": { "kind": "previous" }, "direction": "both",
                "percent": 10.0 }),
        json!({ "test": "move", "metric": "price", "baseline": { "kind": "median", "days": 30, "min_days": 7 },
                "direction": "down", "percent": 15.0, "min_step": usd("0.50"), "hysteresis_percent": 3.0,
                "step_percent": 5.0 }),
        json!({ "test": "move", "metric": "rank", "baseline": { "kind": "average", "days": 30, "min_days": 1 },
                "direction": "up", "absolute": 500, "hysteresis": 100, "step": 250 }),
        json!({ "test": "move", "metric": "list_price", "baseline": { "kind": "fixed", "value": usd("49.00") },
                "direction": "both", "percent": 0.07 }),
        json!({ "test": "level", "metric": "buy_box_price", "at_or_below": usd("19.99"), "hysteresis": usd("1.00"),
                "step": usd("0.50") }),
        json!({ "test": "level", "metric": "rating", "at_or_above": 4.53 }),
        json!({ "test": "level", "metric": "stock_quantity", "at_or_below": 0 }),
        json!({ "test": "extreme", "metric": "price", "extreme": "highest", "days": 90, "min_days": 30,
                "min_step": usd("0.05") }),
        json!({ "test": "buy_box", "event": "lost", "seller": "Acme Shop" }),
        json!({ "test": "availability", "event": "changed", "from": ["in_stock"], "to": ["pre_order"] }),
        json!({ "test": "content", "fields": ["title"] }),
        json!({ "all": [{ "test": "availability", "event": "restock" },
                        { "any": [{ "test": "buy_box", "event": "changed" }] }] }),
    ] {
        assert_eq!(shown(&condition), condition);
    }
    let short = json!({ "test": "move", "metric": "price", "percent": 10 });
    let read = read::read(&short, "condition").expect("a condition");
    assert_eq!(read, default_rules()[0].condition, "the rest is as usual");
    let lowest = json!({ "test": "extreme", "metric": "price", "extreme": "lowest", "days": 90 });
    assert_eq!(shown(&lowest)["min_days"], 22);
}

#[test]
fn what_is_wrong_is_told_by_field() {
    let says = |condition: Value, field: &str, part: &str| {
        let wrong = wrong(condition);
        let told = wrong
            .iter()
            .any(|(name, message)| name == field && message.contains(part));
        assert!(told, "{field}: {part} in {wrong:?}");
    };
    says(json!("price"), "condition", "must be an object");
    says(json!({}), "condition", "exactly one of");
    says(
        json!({ "test": "smell" }),
        "condition.test",
        "must be one of: move",
    );
    says(json!({ "test": "move" }), "condition.metric", "is missing");
    let price = |more: Value| {
        let mut test = json!({ "test": "move", "metric": "price" });
        for (name, value) in more.as_object().expect("an object") {
            test[name] = value.clone();
        }
        json!({ "all": [{ "test": "content" }, test] })
    };
    says(
        price(json!({})),
        "condition.all[1].percent",
        "give `percent` or `absolute`",
    );
    says(
        price(json!({ "percent": 0 })),
        "condition.all[1].percent",
        "0.01 to 1000",
    );
    says(
        price(json!({ "percent": "10" })),
        "condition.all[1].percent",
        "0.01 to 1000",
    );
    says(
        price(json!({ "absolute": 5 })),
        "condition.all[1].absolute",
        "must be money",
    );
    says(
        price(json!({ "percent": 5, "hysteresis_percent": 1 })),
        "condition.all[1].hysteresis_percent",
        "choose another baseline",
    );
    says(
        price(json!({ "percent": 5, "step": 1, "baseline": { "kind": "tracked" } })),
        "condition.all[1].step",
        "use `step_percent`",
    );
    says(
        price(json!({ "percent": 5, "baseline": { "kind": "median", "days": 400 } })),
        "condition.all[1].baseline.days",
        "1 to 365",
    );
    says(
        price(json!({ "percent": 5, "days": 3 })),
        "condition.all[1].days",
        "does not belong",
    );
    says(
        json!({ "test": "level", "metric": "price", "at_or_below": { "amount": "5", "currency": "USD" },
                "step": { "amount": "5", "currency": "EUR" } }),
        "condition.step",
        "must be in USD",
    );
    says(
        json!({ "test": "level", "metric": "price", "at_or_below": { "amount": "0.001", "currency": "USD" } }),
        "condition.at_or_below",
        "must be money",
    );
    says(
        json!({ "test": "buy_box", "event": "won" }),
        "condition.seller",
        "name",
    );
    says(json!({ "all": [] }), "condition.all", "1 to 10");
    let deep = json!({ "all": [{ "any": [{ "all": [{ "test": "content" }] }] }] });
    says(deep, "condition.all[0].any[0].all", "too deeply");
    let ten: Vec<Value> = vec![json!({ "test": "content" }); 10];
    says(
        json!({ "all": [{ "any": ten }, { "test": "content" }] }),
        "condition",
        "11 tests",
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("test"),
        Just("move"),
        Just("level"),
        Just("metric"),
        Just("price"),
        Just("rank"),
        Just("percent"),
        Just("absolute"),
        Just("baseline"),
        Just("kind"),
        Just("fixed"),
        Just("value"),
        Just("days"),
        Just("all"),
        Just("any"),
        Just("amount"),
        Just("currency"),
        Just("USD"),
        Just("extreme"),
        Just("lowest"),
        Just("event"),
        Just("won"),
        Just("seller"),
        Just("at_or_below"),
        Just("step"),
        Just("hysteresis"),
        Just("fields"),
    ]
    .prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        (-10.0..1e20).prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(word.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_or_refused_with_a_reason(json in any_json()) {
        match read::read(&json, "condition") {
            Ok(condition) => {
                let rule = Rule { condition: condition.clone(), ..default_rules()[0].clone() };
                prop_assert!(rule.topic().is_some());
                let again = json!(show::show(&condition));
                prop_assert_eq!(read::read(&again, "condition").expect("what is shown"), condition);
            }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}

#[test]
fn percents_become_basis_points_without_surprise() {
    assert_eq!(basis_points(10.0), Some(1_000));
    assert_eq!(basis_points(0.07), Some(7));
    assert_eq!(basis_points(1_000.0), Some(100_000));
    for bad in [0.0, -5.0, 0.001, 1_000.01, f64::NAN, f64::INFINITY] {
        assert_eq!(basis_points(bad), None, "{bad}");
    }
}
