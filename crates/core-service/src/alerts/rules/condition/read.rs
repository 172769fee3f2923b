//! From what people write to a condition, or to a word about each field that is wrong.

use domain::alert::{
    Baseline, Condition, ContentField, Direction, End, Extreme, Level, MAX_DAYS, MAX_DEPTH,
    MAX_TESTS, Metric, Move, Side, Size, Test,
};
use http_kit::problem::FieldError;
use serde_json::Value as Json;

use super::events::{availability, buy_box};
use super::fields::{Fields, Wrong};

/// Reads a condition that stands at `path`.
///
/// # Errors
/// All that is wrong with it, by field.
pub fn read(json: &Json, path: &str) -> Result<Condition, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let read = node(json, path, 1, &mut wrong);
    match read {
        Some(condition) if wrong.0.is_empty() => {
            let tests = condition.tests().len();
            if tests > MAX_TESTS {
                let message =
                    format!("has {tests} tests; at most {MAX_TESTS}: make two rules of it");
                return Err(vec![FieldError::new(path, message)]);
            }
            Ok(condition)
        }
        _ => Err(wrong.0),
    }
}

fn node(json: &Json, path: &str, depth: usize, wrong: &mut Wrong) -> Option<Condition> {
    let Some(object) = json.as_object() else {
        wrong.note(
            path,
            "must be an object with `test`, `all` or `any`, such as {\"test\": \"move\", \"metric\": \"price\", \"percent\": 10}",
        );
        return None;
    };
    let mut fields = Fields::of(object, path, wrong);
    let present = ["test", "all", "any"].map(|field| fields.get(field).is_some());
    match present {
        [true, false, false] => test(&mut fields).map(Condition::Test),
        [false, true, false] => members(&mut fields, "all", depth).map(Condition::All),
        [false, false, true] => members(&mut fields, "any", depth).map(Condition::Any),
        _ => {
            wrong.note(path, "must have exactly one of `test`, `all` and `any`");
            None
        }
    }
}

fn members(fields: &mut Fields<'_>, name: &str, depth: usize) -> Option<Vec<Condition>> {
    fields.only(&[name], "a group");
    if depth >= MAX_DEPTH {
        fields.refuse(
            name,
            format!("is nested too deeply; at most {MAX_DEPTH} levels"),
        );
        return None;
    }
    let members = fields.get(name).and_then(Json::as_array);
    let Some(members) = members.filter(|members| (1..=MAX_TESTS).contains(&members.len())) else {
        fields.refuse(
            name,
            format!("must be a list of 1 to {MAX_TESTS} conditions"),
        );
        return None;
    };
    let path = fields.path(name);
    let read: Vec<Option<Condition>> = members
        .iter()
        .enumerate()
        .map(|(index, member)| node(member, &format!("{path}[{index}]"), depth + 1, fields.wrong))
        .collect();
    read.into_iter().collect()
}

#[derive(Clone, Copy)]
enum Name {
    Move,
    Level,
    Extreme,
    BuyBox,
    Availability,
    Content,
}

const NAMES: [(Name, &str); 6] = [
    (Name::Move, "move"),
    (Name::Level, "level"),
    (Name::Extreme, "extreme"),
    (Name::BuyBox, "buy_box"),
    (Name::Availability, "availability"),
    (Name::Content, "content"),
];

fn test(fields: &mut Fields<'_>) -> Option<Test> {
    match fields.needed_word("test", &NAMES)? {
        Name::Move => moved(fields).map(Test::Move),
        Name::Level => level(fields).map(Test::Level),
        Name::Extreme => extreme(fields).map(Test::Extreme),
        Name::BuyBox => buy_box(fields).map(Test::BuyBox),
        Name::Availability => availability(fields).map(Test::Availability),
        Name::Content => {
            fields.only(&["test", "fields"], "a content test");
            let told = fields.words("fields", &ContentField::ALL);
            let fields = match told.is_empty() {
                true => ContentField::ALL.map(|(field, _)| field).to_vec(),
                false => told,
            };
            Some(Test::Content { fields })
        }
    }
}

const DIRECTIONS: [(Direction, &str); 3] = [
    (Direction::Up, "up"),
    (Direction::Down, "down"),
    (Direction::Both, "both"),
];

fn moved(fields: &mut Fields<'_>) -> Option<Move> {
    fields.only(
        &[
            "test",
            "metric",
            "baseline",
            "direction",
            "percent",
            "absolute",
            "min_step",
            "hysteresis_percent",
            "step_percent",
            "hysteresis",
            "step",
        ],
        "a move test",
    );
    let metric = fields.needed_word("metric", &Metric::ALL)?;
    let baseline = baseline(fields, metric)?;
    let direction = match fields.get("direction") {
        Some(_) => fields.word("direction", &DIRECTIONS)?,
        None => Direction::Both,
    };
    let min_step = match fields.get("min_step") {
        Some(_) => Some(fields.value("min_step", metric)?),
        None => None,
    };
    let (more_than, hysteresis, step) = match (fields.get("percent"), fields.get("absolute")) {
        (Some(_), None) => {
            absent(
                fields,
                &["hysteresis", "step"],
                "goes with `absolute`; with `percent` use",
            );
            let size = fields.percent("percent")?;
            let margin = fields.percent("hysteresis_percent");
            (Size::Percent(size), margin, fields.percent("step_percent"))
        }
        (None, Some(_)) => {
            let others = ["hysteresis_percent", "step_percent"];
            absent(fields, &others, "goes with `percent`; with `absolute` use");
            let size = fields.value("absolute", metric)?;
            let margin = fields.further("hysteresis", metric, ("absolute", size));
            let step = fields.further("step", metric, ("absolute", size));
            (Size::Absolute(size), margin, step)
        }
        (Some(_), Some(_)) => {
            fields.refuse("absolute", "give either `percent` or `absolute`");
            return None;
        }
        (None, None) => {
            fields.refuse("percent", "is missing; give `percent` or `absolute`");
            return None;
        }
    };
    let names = match more_than {
        Size::Percent(_) => ["hysteresis_percent", "step_percent"],
        Size::Absolute(_) => ["hysteresis", "step"],
    };
    if baseline == Baseline::Previous {
        for (name, given) in names.into_iter().zip([hysteresis, step]) {
            if given.is_some() {
                fields.refuse(
                    name,
                    "has no meaning against the previous value, where each move counts by itself; choose another baseline",
                );
            }
        }
    }
    let size = match more_than {
        Size::Percent(size) => size,
        Size::Absolute(size) => size.number(),
    };
    if hysteresis.is_some_and(|margin| margin > size) {
        fields.refuse(names[0], "must not be larger than the move it belongs to");
    }
    if let (Baseline::Fixed { value }, Size::Absolute(size)) = (baseline, more_than)
        && !value.comparable(size)
    {
        fields.refuse(
            "absolute",
            "must be in the currency of the baseline's value",
        );
    }
    Some(Move {
        metric,
        baseline,
        direction,
        more_than,
        min_step,
        hysteresis: hysteresis.unwrap_or_default(),
        step,
    })
}

fn absent(fields: &mut Fields<'_>, names: &[&str; 2], why: &str) {
    for name in names {
        if fields.get(name).is_some() {
            let other = match name.strip_suffix("_percent") {
                Some(plain) => plain.to_owned(),
                None => format!("{name}_percent"),
            };
            fields.refuse(name, format!("{why} `{other}`"));
        }
    }
}

#[derive(Clone, Copy)]
enum From {
    Previous,
    Median,
    Average,
    Tracked,
    Fixed,
}

const FROM: [(From, &str); 5] = [
    (From::Previous, "previous"),
    (From::Median, "median"),
    (From::Average, "average"),
    (From::Tracked, "tracked"),
    (From::Fixed, "fixed"),
];

fn baseline(fields: &mut Fields<'_>, metric: Metric) -> Option<Baseline> {
    let Some(json) = fields.get("baseline") else {
        return Some(Baseline::Previous);
    };
    let Some(object) = json.as_object() else {
        fields.refuse(
            "baseline",
            "must be an object with `kind`, such as {\"kind\": \"median\", \"days\": 30}",
        );
        return None;
    };
    let path = fields.path("baseline");
    let mut fields = Fields::of(object, &path, fields.wrong);
    let kind = fields.needed_word("kind", &FROM)?;
    match kind {
        From::Median | From::Average => {
            fields.only(&["kind", "days", "min_days"], "this baseline");
            let (days, min_days) = window(&mut fields)?;
            Some(match kind {
                From::Median => Baseline::Median { days, min_days },
                _ => Baseline::Average { days, min_days },
            })
        }
        From::Fixed => {
            fields.only(&["kind", "value"], "this baseline");
            if fields.get("value").is_none() {
                fields.refuse("value", "is missing");
            }
            let value = fields.value("value", metric)?;
            Some(Baseline::Fixed { value })
        }
        From::Previous | From::Tracked => {
            fields.only(&["kind"], "this baseline");
            Some(match kind {
                From::Previous => Baseline::Previous,
                _ => Baseline::Tracked,
            })
        }
    }
}

/// `days`, and `min_days` or a quarter of them.
fn window(fields: &mut Fields<'_>) -> Option<(u16, u16)> {
    if fields.get("days").is_none() {
        fields.refuse(
            "days",
            format!("is missing; give a whole number from 1 to {MAX_DAYS}"),
        );
        return None;
    }
    let days = fields.days("days", MAX_DAYS)?;
    let min_days = match fields.get("min_days") {
        Some(_) => fields.days("min_days", days)?,
        None => (days / 4).max(1),
    };
    Some((days, min_days))
}

fn level(fields: &mut Fields<'_>) -> Option<Level> {
    fields.only(
        &[
            "test",
            "metric",
            "at_or_below",
            "at_or_above",
            "hysteresis",
            "step",
        ],
        "a level test",
    );
    let metric = fields.needed_word("metric", &Metric::ALL)?;
    let given = ["at_or_below", "at_or_above"].map(|field| fields.get(field).is_some());
    let (name, side) = match given {
        [true, false] => ("at_or_below", Side::Below),
        [false, true] => ("at_or_above", Side::Above),
        [true, true] => {
            let message =
                "give either `at_or_below` or `at_or_above`; for both make a group with `any`";
            fields.refuse("at_or_above", message);
            return None;
        }
        [false, false] => {
            fields.refuse(
                "at_or_below",
                "is missing; give `at_or_below` or `at_or_above`",
            );
            return None;
        }
    };
    let limit = fields.value(name, metric)?;
    Some(Level {
        metric,
        side,
        limit,
        hysteresis: fields
            .further("hysteresis", metric, (name, limit))
            .unwrap_or_default(),
        step: fields.further("step", metric, (name, limit)),
    })
}

const ENDS: [(End, &str); 2] = [(End::Lowest, "lowest"), (End::Highest, "highest")];

fn extreme(fields: &mut Fields<'_>) -> Option<Extreme> {
    fields.only(
        &["test", "metric", "extreme", "days", "min_days", "min_step"],
        "an extreme test",
    );
    let metric = fields.needed_word("metric", &Metric::ALL)?;
    let end = fields.needed_word("extreme", &ENDS)?;
    let (days, min_days) = window(fields)?;
    Some(Extreme {
        metric,
        end,
        days,
        min_days,
        min_step: fields.value("min_step", metric),
    })
}
