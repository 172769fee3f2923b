//! Answers that are broken in any way.

use proptest::prelude::*;
use serde_json::{Value, json};

/// What to do at one place of an answer.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Replace(Value),
    Remove,
    Rename,
    Repeat,
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    let odd = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "0", "-1", "1e400", "12,50", "NaN", "\u{0}", "", "٣", "1-2"
        ])
        .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{}], null])),
        Just(json!(0)),
        Just(json!(u64::MAX)),
    ];
    prop_oneof![
        6 => odd.prop_map(Change::Replace),
        1 => Just(Change::Remove),
        1 => Just(Change::Rename),
        1 => Just(Change::Repeat),
    ]
}

/// Changes one place of an answer: of a JSON value where it is one, else of its bytes. `place`
/// counts round.
pub(super) fn apply(body: &[u8], place: usize, change: &Change) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return bytes(body, place, change);
    };
    let all = count(&value);
    let mut left = place % all;
    visit(&mut value, &mut left, change);
    value.to_string().into_bytes()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// True when the change was made.
fn visit(value: &mut Value, left: &mut usize, change: &Change) -> bool {
    if *left == 0 {
        match (change, value) {
            (Change::Replace(new), value) => *value = new.clone(),
            (Change::Remove, Value::Array(items)) => drop(items.pop()),
            (Change::Remove, value) => *value = Value::Null,
            (Change::Rename, Value::Object(fields)) => {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, value)| (format!("{name}X"), value))
                    .collect();
            }
            (Change::Repeat, Value::Array(items)) => items.extend(items.clone()),
            (Change::Rename | Change::Repeat, value) => *value = json!([value.take()]),
        }
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| visit(item, left, change)),
        Value::Object(fields) => fields.values_mut().any(|field| visit(field, left, change)),
        _ => false,
    }
}

fn bytes(body: &[u8], place: usize, change: &Change) -> Vec<u8> {
    let mut body = body.to_vec();
    if body.is_empty() {
        return body;
    }
    let start = place % body.len();
    let end = (start + 1 + place / 7 % 40).min(body.len());
    match change {
        Change::Replace(value) => {
            body.splice(start..end, value.to_string().into_bytes());
        }
        Change::Remove => drop(body.drain(start..end)),
        Change::Rename => body[start..end].reverse(),
        Change::Repeat => {
            let part = body[start..end].to_vec();
            body.splice(end..end, part);
        }
    }
    body
}
