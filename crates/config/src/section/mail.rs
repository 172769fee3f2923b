//! `[mail]`

use serde::Deserialize;

use crate::Secret;
use crate::rule::{HTTP_URL, Rule, Rules};

/// How mails are sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The mail server, with user and password where it wants them.
    pub smtp_url: Secret,
    /// Who mails come from.
    pub from: String,
    /// Where answers go, if not to `from`.
    pub reply_to: String,
    /// Where the page is, for the links in mails; empty: `auth.issuer`.
    pub page_url: String,
}

pub(crate) const RULES: Rules = &[
    ("smtp_url", Rule::Url(&["smtp", "smtps"])),
    ("from", Rule::Any),
    ("reply_to", Rule::Any),
    ("page_url", HTTP_URL),
];
