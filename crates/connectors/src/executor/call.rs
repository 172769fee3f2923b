//! How one call is made.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::source::Source;
use egress::{Response, Urgency};

use crate::Outcome;

/// How one call is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The source whose manners hold.
    pub source: Source,
    /// A part of the source with manners and a breaker of its own: the host of a web page, an app
    /// key. Empty: the source as a whole.
    pub scope: String,
    /// Who goes first.
    pub urgency: Urgency,
    /// Whether it may be sent again when nobody knows if it arrived.
    pub repeatable: bool,
    /// What an answer means that is no success; `None` when the body is worth reading. Decides, too,
    /// whether the source is paused or its breaker counts.
    pub judge: fn(&Response, DateTime<Utc>) -> Option<Outcome>,
    /// The longest pause to wait out here; a longer one is the outcome.
    pub patience: Duration,
    /// After it nobody starts for at least this long, where the source asks for more than the
    /// settings give, such as a crawl delay.
    pub least_gap: Duration,
}

impl Call {
    /// A read that may be repeated, judged by its status alone.
    pub fn read(source: Source, urgency: Urgency) -> Self {
        Self {
            source,
            scope: String::new(),
            urgency,
            repeatable: true,
            judge: by_status,
            patience: Duration::from_secs(10),
            least_gap: Duration::ZERO,
        }
    }

    /// A part of the source with manners of its own.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sent once, unless it surely did not arrive.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// With wider gaps than the settings have.
    #[must_use]
    pub fn least_gap(mut self, gap: Duration) -> Self {
        self.least_gap = gap;
        self
    }

    /// Judges answers by more than their status.
    #[must_use]
    pub fn judge(mut self, judge: fn(&Response, DateTime<Utc>) -> Option<Outcome>) -> Self {
        self.judge = judge;
        self
    }
}

/// What a status that is no success means.
pub fn by_status(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    let retry_after = response.retry_after(now);
    Some(match response.status {
        200..300 => return None,
        404 | 410 => Outcome::NotFound,
        429 => Outcome::RateLimited { retry_after },
        status @ (401 | 403 | 471) => Outcome::Blocked {
            retry_after,
            reason: format!("the source refuses us (HTTP {status})"),
        },
        503 if retry_after.is_some() => Outcome::RateLimited { retry_after },
        status @ 300..400 => Outcome::hopeless(format!("the page moved (HTTP {status})")),
        status @ 400..500 => {
            Outcome::hopeless(format!("the source refuses the request (HTTP {status})"))
        }
        status => Outcome::failed(format!("the source is in trouble (HTTP {status})")),
    })
}
