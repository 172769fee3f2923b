//! Reading the fields of one JSON object, noting all that is wrong with them.

use domain::alert::{Amount, Metric};
use domain::money::{Currency, Money};
use http_kit::problem::FieldError;
use serde_json::{Map, Value as Json};

/// The largest amount in minor units, and the largest count: what is beyond is a slip of the keyboard.
const LARGEST: i64 = 1_000_000_000_000;

/// What is wrong so far.
#[derive(Debug, Default)]
pub struct Wrong(pub Vec<FieldError>);

impl Wrong {
    /// Notes one thing.
    pub fn note(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message.into()));
    }
}

/// An object that is being read.
pub struct Fields<'a> {
    object: &'a Map<String, Json>,
    /// Where it stands, for people.
    path: &'a str,
    /// What is wrong so far.
    pub wrong: &'a mut Wrong,
}

impl<'a> Fields<'a> {
    /// Of this object.
    pub const fn of(object: &'a Map<String, Json>, path: &'a str, wrong: &'a mut Wrong) -> Self {
        Self {
            object,
            path,
            wrong,
        }
    }

    /// Where a field stands.
    pub fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    /// Notes what is wrong with a field.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        let path = self.path(field);
        self.wrong.note(&path, message);
    }

    /// A field; null is as good as absent.
    pub fn get(&self, field: &str) -> Option<&'a Json> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    /// Refuses every field that is not one of these.
    pub fn only(&mut self, known: &[&str], what: &str) {
        let unknown: Vec<String> = self
            .object
            .iter()
            .filter(|(name, value)| !value.is_null() && !known.contains(&name.as_str()))
            .map(|(name, _)| name.clone())
            .collect();
        for name in unknown {
            let name: String = name.chars().take(50).collect();
            self.refuse(
                &name,
                format!("does not belong to {what}; it has {}", known.join(", ")),
            );
        }
    }

    /// A word of a list.
    pub fn word<T: Copy>(&mut self, field: &str, words: &[(T, &'static str)]) -> Option<T> {
        let value = self.get(field)?;
        let found = value
            .as_str()
            .and_then(|text| words.iter().find(|(_, name)| *name == text));
        if found.is_none() {
            self.refuse(field, one_of(words));
        }
        found.map(|(value, _)| *value)
    }

    /// A word of a list that must be there.
    pub fn needed_word<T: Copy>(&mut self, field: &str, words: &[(T, &'static str)]) -> Option<T> {
        if self.get(field).is_none() {
            self.refuse(field, format!("is missing; it {}", one_of(words)));
            return None;
        }
        self.word(field, words)
    }

    /// Words of a list, each once; nothing when absent.
    pub fn words<T: Copy + PartialEq>(
        &mut self,
        field: &str,
        words: &[(T, &'static str)],
    ) -> Vec<T> {
        let Some(value) = self.get(field) else {
            return Vec::new();
        };
        let mut found: Vec<T> = Vec::new();
        for entry in value.as_array().map(Vec::as_slice).unwrap_or_default() {
            let word = entry
                .as_str()
                .and_then(|text| words.iter().find(|(_, name)| *name == text));
            match word {
                Some((word, _)) if !found.contains(word) => found.push(*word),
                Some(_) => {}
                None => {
                    self.refuse(field, format!("each {}", one_of(words)));
                    return found;
                }
            }
        }
        if found.is_empty() {
            self.refuse(
                field,
                format!(
                    "must be a list with at least one word, or left out; each {}",
                    one_of(words)
                ),
            );
        }
        found
    }

    /// Days, 1 to the longest window.
    pub fn days(&mut self, field: &str, most: u16) -> Option<u16> {
        let value = self.get(field)?;
        let days = value.as_u64().and_then(|days| u16::try_from(days).ok());
        let days = days.filter(|days| (1..=most).contains(days));
        if days.is_none() {
            self.refuse(field, format!("must be a whole number from 1 to {most}"));
        }
        days
    }

    /// A percentage in basis points.
    pub fn percent(&mut self, field: &str) -> Option<i64> {
        let value = self.get(field)?;
        let percent = value.as_f64().and_then(basis_points);
        if percent.is_none() {
            self.refuse(field, "must be a number from 0.01 to 1000");
        }
        percent
    }

    /// A value of a metric that is more than nothing.
    pub fn value(&mut self, field: &str, metric: Metric) -> Option<Amount> {
        let value = self.get(field)?;
        let amount = match metric {
            _ if metric.is_money() => money(value),
            Metric::Rating => stars(value),
            _ => count(value),
        };
        if amount.is_none() {
            self.refuse(
                field,
                match metric {
                    _ if metric.is_money() => {
                        "must be money above zero, such as {\"amount\": \"19.99\", \"currency\": \"USD\"}"
                    }
                    Metric::Rating => "must be a number above 0 up to 5, with at most two decimals",
                    Metric::StockQuantity => "must be a whole number from 0 on",
                    _ => "must be a whole number from 1 on",
                },
            );
        }
        amount.filter(|amount| {
            let least = i64::from(metric != Metric::StockQuantity);
            let good = amount.number() >= least;
            if !good {
                self.refuse(field, "must be above zero");
            }
            good
        })
    }

    /// As [`Fields::value`], in the unit of another field's.
    pub fn further(&mut self, field: &str, metric: Metric, like: (&str, Amount)) -> Option<i64> {
        let amount = self.value(field, metric)?;
        let (other, like) = like;
        if !amount.comparable(like) {
            let currency = like.currency().map(Currency::code).unwrap_or_default();
            self.refuse(field, format!("must be in {currency}, as `{other}` is"));
            return None;
        }
        if amount.number() < 1 {
            self.refuse(field, "must be above zero; leave it out for none");
            return None;
        }
        Some(amount.number())
    }
}

fn one_of<T>(words: &[(T, &'static str)]) -> String {
    let words: Vec<&str> = words.iter().map(|(_, name)| *name).collect();
    format!("must be one of: {}", words.join(", "))
}

/// Hundredths of a percent; nothing for what is no percentage of ours.
pub fn basis_points(percent: f64) -> Option<i64> {
    let scaled = (percent * 100.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked right here"
    )]
    (1.0..=100_000.0).contains(&scaled).then_some(scaled as i64)
}

fn money(value: &Json) -> Option<Amount> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let currency = Currency::parse(object.get("currency")?.as_str()?).ok()?;
    let money = Money::parse_major(object.get("amount")?.as_str()?, currency).ok()?;
    (0..=LARGEST)
        .contains(&money.minor)
        .then_some(Amount::Money(money))
}

fn stars(value: &Json) -> Option<Amount> {
    let scaled = value.as_f64()? * 100.0;
    let whole = scaled.round();
    let good = (0.0..=500.0).contains(&whole) && (scaled - whole).abs() < 1e-6;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked right here"
    )]
    good.then_some(Amount::Number(whole as i64))
}

fn count(value: &Json) -> Option<Amount> {
    let number = value.as_i64()?;
    (0..=LARGEST)
        .contains(&number)
        .then_some(Amount::Number(number))
}
