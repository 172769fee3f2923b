//! A failure on its way to a caller.

use std::{
    borrow::Cow, collections::BTreeMap, error::Error as StdError, fmt, sync::Arc, time::Duration,
};

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderName, HeaderValue, header};

use super::ErrorCode;
use crate::problem::{FieldError, Problem};

/// What handlers return.
pub type ApiResult<T> = Result<T, ApiError>;

type Source = Box<dyn StdError + Send + Sync>;

/// A failure: what it means, what the caller may read, and what only the log may.
///
/// `detail` goes out and says what to do. The source never does; it is logged once, with its whole
/// chain, where the error becomes an answer.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    members: BTreeMap<String, serde_json::Value>,
    source: Option<Source>,
}

impl ApiError {
    /// An error with this public detail.
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            members: BTreeMap::new(),
            source: None,
        }
    }

    /// 404 in the only words there are for it, whether the id is malformed, unknown or another
    /// tenant's.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, NOT_FOUND)
    }

    /// 422 about one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(field, message)])
    }

    /// 422 about several fields.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let mut error = Self::new(ErrorCode::Invalid, "Correct the fields named in `errors`.");
        error.errors = errors;
        error
    }

    /// 400.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadRequest, detail)
    }

    /// 401.
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unauthenticated, detail).with_header(
            header::WWW_AUTHENTICATE,
            "Bearer realm=\"bellwether\", ApiKey realm=\"bellwether\"",
        )
    }

    /// 403.
    pub fn denied(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Denied, detail)
    }

    /// 409.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Conflict, detail)
    }

    /// 403 because the tenant's plan allows no more. `limit` is its name as plans have it, such as `tracked_products`;
    /// `resets_at` is when there is room again by itself, if ever.
    pub fn quota(
        limit: &'static str,
        used: u64,
        allowed: u64,
        plan: &str,
        resets_at: Option<DateTime<Utc>>,
    ) -> Self {
        let what = limit.replace('_', " ");
        let way_out = match resets_at {
            Some(at) => {
                let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
                format!("Wait until {at}, or ask for a larger plan.")
            }
            None => "Free some of it, or ask for a larger plan.".to_owned(),
        };
        let detail =
            format!("The plan {plan} allows {allowed} ({what}); {used} are used. {way_out}");
        let error = Self::new(ErrorCode::QuotaExceeded, detail)
            .with_member("limit", limit)
            .with_member("allowed", allowed)
            .with_member("used", used)
            .with_member("plan", plan);
        match resets_at {
            Some(at) => {
                error.with_member("resets_at", at.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            None => error,
        }
    }

    /// 429 with `Retry-After`.
    pub fn rate_limited(detail: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self::new(ErrorCode::RateLimited, detail).with_retry_after(retry_after)
    }

    /// 503 because something is away.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "Send the same request again in a moment.",
        )
        .with_retry_after(Duration::from_secs(1))
        .with_source(source)
    }

    /// 500. The source is for the log only.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(
            ErrorCode::Internal,
            "Nothing is wrong with the request. Tell the operator the trace_id.",
        )
        .with_source(source)
    }

    /// What a peer's refusal means to our own caller. Its message is shown only where it is about
    /// the request.
    pub fn from_grpc(status: tonic::Status) -> Self {
        if let Some(members) = quota_members(&status) {
            let mut error = Self::new(ErrorCode::QuotaExceeded, status.message().to_owned());
            error.members = members;
            return error.with_source(status);
        }
        let code = ErrorCode::from_grpc(status.code());
        match code {
            ErrorCode::NotFound => Self::not_found().with_source(status),
            ErrorCode::Invalid | ErrorCode::Conflict | ErrorCode::RateLimited => {
                Self::new(code, status.message().to_owned()).with_source(status)
            }
            ErrorCode::Unavailable => Self::unavailable(status),
            ErrorCode::Timeout => {
                Self::new(code, "Send the same request again in a moment.").with_source(status)
            }
            _ => Self::internal(status),
        }
    }

    /// Adds what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a field to `errors[]`.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError::new(field, message));
        self
    }

    /// Adds a member to the problem beside those that every problem has.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds `Retry-After`, in whole seconds rounded up.
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// Adds a header of the answer, `RateLimit-*` for example. One that cannot be sent is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same failure for one more of several who waited for the same thing.
    #[must_use]
    pub fn shared(error: Arc<Self>) -> Self {
        match Arc::try_unwrap(error) {
            Ok(error) => error,
            Err(error) => Self {
                code: error.code,
                detail: error.detail.clone(),
                errors: error.errors.clone(),
                headers: error.headers.clone(),
                members: error.members.clone(),
                source: error.source.is_some().then(|| error.into()),
            },
        }
    }

    /// What it means.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What the caller may read.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields it is about.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Tells the log and the metrics, once, where the error leaves us.
    fn log(&self) {
        let (code, detail) = (self.code.metric_label(), &*self.detail);
        metrics::counter!("api_errors_total", "code" => code).increment(1);
        let cause = self
            .source
            .as_deref()
            .map(|source| Chain(source).to_string());
        let cause = cause.as_deref().unwrap_or("");
        match self.code {
            ErrorCode::Internal => tracing::error!(code, detail, cause, "request failed"),
            code_ if code_.http().is_server_error() => {
                tracing::warn!(code, detail, cause, "request failed");
            }
            _ => tracing::debug!(code, detail, cause, "request refused"),
        }
    }
}

/// The words of every 404 about an id.
const NOT_FOUND: &str = "There is nothing with this id that you can see. Check the id.";

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.title(), self.detail)
    }
}

impl StdError for ApiError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// What nobody expected is a defect of ours; an [`ApiError`] inside comes out as it went in.
impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::internal)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let Self {
            code,
            detail,
            errors,
            headers,
            members,
            source: _,
        } = self;
        let mut problem = Problem::new(code, detail.into_owned(), errors);
        problem.members = members;
        let mut response = problem.into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl From<ApiError> for tonic::Status {
    fn from(error: ApiError) -> Self {
        error.log();
        match (error.code, serde_json::to_vec(&error.members)) {
            // The caller's own caller is told which limit it is.
            (ErrorCode::QuotaExceeded, Ok(members)) => {
                Self::with_details(error.code.grpc(), error.detail, members.into())
            }
            _ => Self::new(error.code.grpc(), error.detail),
        }
    }
}

/// What a peer's refusal tells of a quota; `None`: it is about something else.
fn quota_members(status: &tonic::Status) -> Option<BTreeMap<String, serde_json::Value>> {
    if status.code() != ErrorCode::QuotaExceeded.grpc() || status.details().is_empty() {
        return None;
    }
    let members: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(status.details()).ok()?;
    members.contains_key("limit").then_some(members)
}

/// An error with everything that led to it.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_told_through_grpc_with_all_its_members() {
        let refused = ApiError::quota(
            "crawls_per_day",
            499,
            500,
            "free",
            DateTime::from_timestamp(1_900_000_000, 0),
        );
        let (detail, members) = (refused.detail().to_owned(), refused.members.clone());
        assert!(
            detail.contains("2030-03-17T17:46:40Z") && detail.contains("crawls per day"),
            "{detail}"
        );
        let passed_on = ApiError::from_grpc(refused.into());
        assert_eq!(passed_on.code(), ErrorCode::QuotaExceeded);
        assert_eq!(
            (passed_on.detail(), &passed_on.members),
            (detail.as_str(), &members)
        );

        let other = tonic::Status::failed_precondition("paused");
        assert_eq!(ApiError::from_grpc(other).code(), ErrorCode::Conflict);
    }
}
