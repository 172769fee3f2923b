//! Which lines somebody wants to see.

use chrono::{DateTime, Utc};
use garde::Validate;
use http_kit::{ApiError, ApiResult};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::storage::audit_log::Filter;

/// What acts.
const ACTORS: [&str; 5] = ["user", "api_key", "operator", "system", "anonymous"];
/// How it goes.
const OUTCOMES: [&str; 2] = ["done", "refused"];

/// Which lines; what is absent does not matter.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct AuditQuery {
    /// Who: the id of a person or API key, or one of `user`, `api_key`, `operator`, `system`, `anonymous`.
    #[garde(skip)]
    #[param(example = "api_key")]
    actor: Option<String>,
    /// What: an operation of this document, such as `create_tracking`.
    #[garde(skip)]
    #[param(example = "create_tracking")]
    action: Option<String>,
    /// To what: a kind such as `tracking`, or a kind and an id such as `tracking:0199c3a0-0000-7000-8000-000000000001`.
    #[garde(skip)]
    #[param(example = "tracking")]
    subject: Option<String>,
    /// `done` or `refused`.
    #[garde(skip)]
    #[param(example = "refused")]
    outcome: Option<String>,
    /// At this instant or after.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
}

impl AuditQuery {
    /// As the storage wants it.
    pub(super) fn read(self) -> ApiResult<Filter> {
        let Self {
            actor,
            action,
            subject,
            outcome,
            from,
            to,
        } = self;
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(ApiError::invalid("to", "must be after from"));
        }
        let mut filter = Filter {
            action: given("action", action)?,
            outcome: outcome.map(known_outcome).transpose()?,
            from,
            to,
            ..Filter::default()
        };
        if let Some(actor) = actor {
            match actor.parse() {
                Ok(id) => filter.actor_id = Some(id),
                Err(_) if ACTORS.contains(&actor.as_str()) => filter.actor_kind = Some(actor),
                Err(_) => {
                    let message = format!("must be an id or one of {}", ACTORS.join(", "));
                    return Err(ApiError::invalid("actor", message));
                }
            }
        }
        if let Some(subject) = given("subject", subject)? {
            match subject.split_once(':') {
                Some((kind, id)) => {
                    filter.subject_kind = Some(kind.to_owned());
                    filter.subject_id = Some(id.to_owned());
                }
                None => filter.subject_kind = Some(subject),
            }
        }
        Ok(filter)
    }
}

fn known_outcome(outcome: String) -> ApiResult<String> {
    if OUTCOMES.contains(&outcome.as_str()) {
        return Ok(outcome);
    }
    let message = format!("must be one of {}", OUTCOMES.join(", "));
    Err(ApiError::invalid("outcome", message))
}

/// Postgres holds no NUL, so nothing has it in its name.
fn given(field: &'static str, text: Option<String>) -> ApiResult<Option<String>> {
    match text {
        Some(text) if text.is_empty() || text.contains('\0') || text.len() > 200 => Err(
            ApiError::invalid(field, "must have 1 to 200 visible characters"),
        ),
        text => Ok(text),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> ApiResult<Filter> {
        let query: AuditQuery =
            serde_json::from_value(serde_json::json!({ (name): value })).unwrap();
        query.read()
    }

    #[test]
    fn an_actor_is_an_id_or_a_kind_and_a_subject_a_kind_with_or_without_id() {
        let id = "0199c3a0-0000-7000-8000-000000000001";
        assert_eq!(
            read("actor", id).unwrap().actor_id,
            Some(id.parse().unwrap())
        );
        let kind = read("actor", "operator").unwrap().actor_kind;
        assert_eq!(kind.as_deref(), Some("operator"));
        let one = read("subject", "source:haier").unwrap();
        assert_eq!(one.subject_kind.as_deref(), Some("source"));
        assert_eq!(one.subject_id.as_deref(), Some("haier"));
        let all = read("subject", "source").unwrap();
        assert_eq!(all.subject_id, None);
    }

    #[test]
    fn what_names_nothing_is_refused_with_its_field() {
        for (field, value) in [
            ("actor", "nobody"),
            ("outcome", "maybe"),
            ("action", "a\0"),
            ("subject", ""),
        ] {
            let refused = read(field, value).unwrap_err();
            assert_eq!(refused.errors()[0].field, field);
        }
        let backwards =
            serde_json::json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z" });
        let query: AuditQuery = serde_json::from_value(backwards).unwrap();
        assert_eq!(query.read().unwrap_err().errors()[0].field, "to");
    }
}
