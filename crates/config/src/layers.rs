//! Defaults, file and environment as one checked table.

use std::path::Path;

use toml::{Table, Value};

use crate::{ConfigError, DEFAULTS, Problem, section};

/// In front of every environment variable that sets a key.
const PREFIX: &str = "BELLWETHER_";

/// Usual names of three keys.
const PLAIN: [(&str, &str); 4] = [
    ("DATABASE_URL", "database.url"),
    ("DATABASE_READ_URL", "database.read_url"),
    ("REDIS_URL", "redis.url"),
    ("AMQP_URL", "amqp.url"),
];

/// The defaults with `file` and `environment` laid over them.
pub(crate) fn merged(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Table, ConfigError> {
    let mut table = defaults();
    let mut problems = Vec::new();
    if let Some(path) = file {
        overlay(&mut table, read_file(path)?, "", &mut problems);
    }
    // The prefixed name of a key wins over its usual name, whatever order they come in.
    let mut variables: Vec<_> = environment.into_iter().collect();
    variables.sort_by_key(|(name, _)| name.starts_with(PREFIX));
    for (name, text) in variables {
        if let Some(key) = key_of(&name, &text) {
            set(&mut table, &key, &name, &text, &mut problems);
        }
    }
    // Rules are asked only about values of the right type: the overlay refused the others.
    for (section, rules) in section::ALL {
        for (name, rule) in *rules {
            let key = format!("{section}.{name}");
            let complaint = find(&table, &key).and_then(|value| rule.complaint(value));
            problems.extend(complaint.map(|message| Problem::new(key, message)));
        }
    }
    ConfigError::unless_empty(problems)?;
    Ok(table)
}

/// The embedded defaults.
pub(crate) fn defaults() -> Table {
    DEFAULTS.parse().expect("the embedded defaults are TOML")
}

/// The rule of a dotted key.
#[cfg(test)]
pub(crate) fn rule_of(key: &str) -> Option<crate::rule::Rule> {
    let (section, name) = key.rsplit_once('.')?;
    let (_, rules) = section::ALL.iter().find(|(known, _)| *known == section)?;
    rules
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, rule)| *rule)
}

fn read_file(path: &Path) -> Result<Table, Problem> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Problem::new(&name, format!("cannot be read: {cause}")))?;
    text.parse().map_err(|cause: toml::de::Error| {
        let line = cause
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        Problem::new(
            &name,
            format!("line {line} is not TOML: {}", cause.message()),
        )
    })
}

/// The dotted key that a variable sets, if it sets one.
fn key_of(name: &str, text: &str) -> Option<String> {
    if let Some((_, key)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
        return (!text.is_empty()).then(|| (*key).to_owned());
    }
    // Names without a section (BELLWETHER_CONFIG, BELLWETHER_PORT) are not keys.
    let rest = name.strip_prefix(PREFIX)?;
    rest.contains("__")
        .then(|| rest.to_lowercase().replace("__", "."))
}

fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let value = table.get(first)?;
    if rest.is_empty() {
        Some(value)
    } else {
        find(value.as_table()?, rest)
    }
}

/// Lays `over` on `base`, which knows every key and its type.
fn overlay(base: &mut Table, over: Table, above: &str, problems: &mut Vec<Problem>) {
    for (name, value) in over {
        let key = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        };
        match (base.get_mut(&name), value) {
            (None, _) => problems.push(unknown(&key, base)),
            (Some(Value::Table(base)), Value::Table(over)) => overlay(base, over, &key, problems),
            (Some(Value::Array(base)), Value::Array(items)) => {
                if items.iter().all(Value::is_str) {
                    *base = items;
                } else {
                    problems.push(Problem::new(key, "must be a list of texts"));
                }
            }
            (Some(base), value) if base.same_type(&value) => *base = value,
            (Some(base), value) => problems.push(Problem::new(
                key,
                format!("must be {}, not {}", type_name(base), type_name(&value)),
            )),
        }
    }
}

/// Sets the key that an environment variable names, reading `text` as the default's type.
fn set(table: &mut Table, key: &str, variable: &str, text: &str, problems: &mut Vec<Problem>) {
    let (above, name) = key.rsplit_once('.').unwrap_or(("", key));
    let holder = above.split('.').try_fold(&mut *table, |table, part| {
        table.get_mut(part).and_then(Value::as_table_mut)
    });
    let Some(holder) = holder else {
        let mut problem = unknown(above, table);
        problem.message += &format!(" (environment {variable})");
        return problems.push(problem);
    };
    let read = match holder.get(name) {
        None => return problems.push(unknown(key, holder)),
        Some(Value::String(_)) => Some(Value::String(text.to_owned())),
        Some(Value::Integer(_)) => text.trim().parse().ok().map(Value::Integer),
        Some(Value::Boolean(_)) => text.trim().parse().ok().map(Value::Boolean),
        Some(Value::Array(_)) => Some(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        )),
        Some(_) => None,
    };
    match (read, holder.get_mut(name)) {
        (Some(value), Some(slot)) => *slot = value,
        (_, Some(slot)) => problems.push(Problem::new(
            key,
            format!("must be {} (environment {variable})", type_name(slot)),
        )),
        (_, None) => {}
    }
}

fn unknown(key: &str, beside: &Table) -> Problem {
    let known: Vec<&str> = beside.keys().map(String::as_str).collect();
    Problem::new(
        key,
        format!("is not a known key; known here: {}", known.join(", ")),
    )
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with decimals",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list of texts",
        Value::Table(_) => "a section",
    }
}
