//! serde's and garde's messages in words for whoever wrote the request.

use garde::Report;

use crate::{ApiError, problem::FieldError};

/// Everything that garde found.
pub(super) fn invalid(report: &Report) -> ApiError {
    let errors = report.iter().map(|(path, error)| {
        let field = path.to_string();
        let field = if field.is_empty() { "body" } else { &field };
        FieldError::new(field, rule_message(error.message()))
    });
    ApiError::invalid_fields(errors.collect())
}

/// garde says what is; say what should be. A rule's own message stays as it is.
fn rule_message(message: &str) -> String {
    let should = [
        ("length is lower than ", "must have a length of at least "),
        ("length is greater than ", "must have a length of at most "),
        ("lower than ", "must be at least "),
        ("greater than ", "must be at most "),
        ("does not ", "must "),
        ("not a valid ", "must be a valid "),
        ("not ", "must be "),
    ];
    should
        .into_iter()
        .find_map(|(is, should)| Some(format!("{should}{}", message.strip_prefix(is)?)))
        .unwrap_or_else(|| message.to_owned())
}

/// The field that `message`, met at `path`, is about, and what to tell.
pub(super) fn field_error(path: &str, message: &str) -> (String, String) {
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let (name, accepted) = rest.split_once('`').unwrap_or((rest, ""));
        return (within(path, name), unknown_field(accepted));
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        return (within(path, name), "is required".to_owned());
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        let name = rest.trim_end_matches('`');
        return (
            within(path, name),
            "is there twice; send it once".to_owned(),
        );
    }
    let field = if path.is_empty() { "body" } else { path };
    (field.to_owned(), value_message(message))
}

/// `path` of the field `name`, whether or not the path ends with it already.
fn within(path: &str, name: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    if path.is_empty() || last == "?" {
        let above = path.strip_suffix('?').unwrap_or("");
        format!("{above}{name}")
    } else if last == name {
        path.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// From `, expected one of `a`, `b`` or `, expected `a`` or `, there are no fields`.
fn unknown_field(accepted: &str) -> String {
    let names: Vec<&str> = accepted.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        return "is not a known field; remove it".to_owned();
    }
    format!("is not a known field; known here: {}", names.join(", "))
}

/// `invalid type: string "x", expected u32` and its relatives.
fn value_message(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (given, accepted) = rest.split_once('`').unwrap_or((rest, ""));
        let words: Vec<&str> = accepted.split('`').skip(1).step_by(2).collect();
        return format!("is \"{given}\", but must be one of: {}", words.join(", "));
    }
    // Numbers and flags of query strings are parsed from text by the standard library.
    match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            return "must be a whole number".to_owned();
        }
        "number too large to fit in target type" => return "is too large".to_owned(),
        "number too small to fit in target type" => return "is too small".to_owned(),
        "provided string was not `true` or `false`" => return "must be true or false".to_owned(),
        _ => {}
    }
    let parts = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.rsplit_once(", expected "));
    match parts {
        Some((given, wanted)) => format!("must be {}, not {}", plain(wanted), plain(given)),
        None => format!("is not acceptable: {message}"),
    }
}

/// Rust's names of types in plain words.
fn plain(name: &str) -> String {
    let plain = match name {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" | "sequence" => "a list",
        "a map" | "map" => "an object",
        "unit value" => "empty",
        name if name.starts_with("struct ") || name.starts_with("internally tagged enum ") => {
            "an object"
        }
        name => match name.split_once(' ') {
            Some(("integer" | "floating", rest)) => {
                return rest
                    .trim_start_matches("point ")
                    .trim_matches('`')
                    .to_owned();
            }
            Some(("string", rest)) => return format!("the text {rest}"),
            Some(("boolean", rest)) => return rest.trim_matches('`').to_owned(),
            _ => name,
        },
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_say_what_should_be() {
        for (is, should) in [
            ("lower than 300", "must be at least 300"),
            (
                "length is greater than 5",
                "must have a length of at most 5",
            ),
            ("not a valid email: no @", "must be a valid email: no @"),
            ("choose another name", "choose another name"),
        ] {
            assert_eq!(rule_message(is), should);
        }
    }

    #[test]
    fn messages_say_what_is_accepted() {
        let cases = [
            (
                ".",
                "unknown field `colour`, expected one of `url`, `tags` at line 1 column 9",
                "colour",
                "is not a known field; known here: url, tags",
            ),
            (
                "colour",
                "unknown field `colour`, expected `url`",
                "colour",
                "is not a known field; known here: url",
            ),
            (
                "rules[0].x",
                "unknown field `x`, there are no fields",
                "rules[0].x",
                "is not a known field; remove it",
            ),
            (
                "rules[0]",
                "missing field `percent`",
                "rules[0].percent",
                "is required",
            ),
            (
                "every",
                "invalid value: integer `-5`, expected u64 at line 1 column 2",
                "every",
                "must be a whole number, 0 or more, not -5",
            ),
            (
                "every",
                "invalid type: string \"soon\", expected u64",
                "every",
                "must be a whole number, 0 or more, not the text \"soon\"",
            ),
            (
                "kind",
                "unknown variant `x`, expected `a` or `b`",
                "kind",
                "is \"x\", but must be one of: a, b",
            ),
            (
                ".",
                "invalid type: sequence, expected struct NewTracking",
                "body",
                "must be an object, not a list",
            ),
            (
                "id",
                "UUID parsing failed: too short",
                "id",
                "is not acceptable: UUID parsing failed: too short",
            ),
        ];
        for (path, message, field, told) in cases {
            assert_eq!(
                field_error(path, message),
                (field.to_owned(), told.to_owned())
            );
        }
    }
}
