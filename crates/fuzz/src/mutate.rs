//! Breaks an input a little.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

/// Texts on which readers of figures, dates and pages trip.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "-0",
    "1e400",
    "1e-400",
    "NaN",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "0.00",
    "1.234,56",
    "1,234.56",
    "1'234.50",
    "12,50 €",
    "₹1,00,000",
    "٣٫٥",
    "１２",
    "9223372036854775808",
    // The largest that a decimal holds: whoever multiplies it unasked overflows.
    "79228162514264337593543950335",
    "99999999999999999999999999999999",
    "\u{0}",
    "\u{feff}",
    "\u{200e}",
    "&#x110000;",
    "&amp;#48;",
    "<script>",
    "</",
    "<![CDATA[",
    "\\ud800",
    "2026-13-45T99:99:99Z",
    "http://[",
    "%00",
    "../",
];

/// Longest input.
const LONGEST: usize = 256 * 1024;

/// A broken copy of `input`, perhaps mixed with `other`.
pub(crate) fn mutate(input: &[u8], other: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let mut broken = input.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        // A JSON value broken as such gets further than one broken as bytes.
        broken = match serde_json::from_slice::<Value>(&broken) {
            Ok(mut value) if rng.random_bool(0.7) => {
                let place = rng.random_range(0..count(&value));
                change(&mut value, &mut { place }, rng);
                value.to_string().into_bytes()
            }
            _ => bytes(broken, other, rng),
        };
        broken.truncate(LONGEST);
    }
    broken
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the part at `place`, counted down; true when that is done.
fn change(value: &mut Value, place: &mut usize, rng: &mut StdRng) -> bool {
    if *place == 0 {
        *value = other_value(value, rng);
        return true;
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(item, place, rng)),
        Value::Object(fields) => fields.values_mut().any(|field| change(field, place, rng)),
        _ => false,
    }
}

fn other_value(value: &mut Value, rng: &mut StdRng) -> Value {
    match rng.random_range(0..8) {
        0 => Value::Null,
        1 => rng.random::<i64>().into(),
        2 => rng.random::<f64>().into(),
        3 => Value::Array(vec![value.take()]),
        4 => match value.take() {
            Value::Array(mut items) => {
                items.extend(items.clone());
                Value::Array(items)
            }
            Value::Object(mut fields) => {
                let gone = rng.random_range(0..=fields.len());
                let name = fields.keys().nth(gone).cloned().unwrap_or_default();
                fields.remove(&name);
                Value::Object(fields)
            }
            other => Value::String(other.to_string()),
        },
        _ => word(rng).into(),
    }
}

fn word(rng: &mut StdRng) -> &'static str {
    WORDS[rng.random_range(0..WORDS.len())]
}

fn bytes(mut input: Vec<u8>, other: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let start = rng.random_range(0..=input.len());
    let end = (start + rng.random_range(0..40)).min(input.len());
    match rng.random_range(0..6) {
        0 => drop(input.drain(start..end)),
        1 => drop(input.splice(start..end, word(rng).bytes())),
        2 => input[start..end]
            .iter_mut()
            .for_each(|byte| *byte = rng.random()),
        3 => {
            let part = input[start..end].to_vec();
            input.splice(start..start, part);
        }
        4 => input.truncate(start),
        _ => {
            let from = rng.random_range(0..=other.len());
            let to = (from + rng.random_range(0..200)).min(other.len());
            input.splice(start..end, other[from..to].iter().copied());
        }
    }
    input
}
