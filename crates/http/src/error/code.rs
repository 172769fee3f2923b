//! The error table.

use http::StatusCode;
use tonic::Code;

/// What a failure means to whoever asked. Deliberately few: a new one needs a caller who acts
/// differently on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Well formed, but a value is not acceptable; `errors[]` names the fields.
    Invalid,
    /// Not well formed.
    BadRequest,
    /// No credential, or one that is not valid.
    Unauthenticated,
    /// A valid credential that may not do this.
    Denied,
    /// A change that another site's page asks a browser for.
    CrossSite,
    /// Absent, or not visible to this tenant: both look the same.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The state of things does not allow it (again).
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body's content type is not understood.
    UnsupportedMedia,
    /// More than the tenant's plan allows.
    QuotaExceeded,
    /// Too much in too short a time.
    RateLimited,
    /// Too much is under way here.
    Busy,
    /// Something this answer depends on is away.
    Unavailable,
    /// A source of ours did not answer as it should.
    Upstream,
    /// It took too long.
    Timeout,
    /// A defect of ours.
    Internal,
}

/// What a consumer does with a message whose handling failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueDecision {
    /// Try again later: the same message may succeed.
    Retry,
    /// Put aside for an operator: it will not succeed by itself.
    Park,
    /// Forget it: what it is about is gone or done.
    Drop,
}

/// One row of the table.
struct Row {
    http: StatusCode,
    grpc: Code,
    queue: QueueDecision,
    label: &'static str,
    title: &'static str,
    help: &'static str,
}

impl ErrorCode {
    /// Every code, in the order of the help page.
    pub const ALL: [Self; 17] = [
        Self::Invalid,
        Self::BadRequest,
        Self::Unauthenticated,
        Self::Denied,
        Self::CrossSite,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::QuotaExceeded,
        Self::RateLimited,
        Self::Busy,
        Self::Unavailable,
        Self::Upstream,
        Self::Timeout,
        Self::Internal,
    ];

    const fn row(self) -> Row {
        use QueueDecision::{Drop, Park, Retry};
        let (http, grpc, queue, label, title, help) = match self {
            Self::Invalid => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Code::InvalidArgument,
                Park,
                "invalid",
                "A value is not acceptable",
                "Correct the fields named in `errors` and send the request again.",
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                Code::InvalidArgument,
                Park,
                "bad_request",
                "The request is not well formed",
                "Send well-formed JSON in UTF-8, as described in the API reference.",
            ),
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                Code::Unauthenticated,
                Park,
                "unauthenticated",
                "No valid credential",
                "Send `Authorization: Bearer <access token>` or `X-API-Key: <key>`. Access tokens live for minutes: get a new one with the refresh token.",
            ),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                Code::PermissionDenied,
                Park,
                "denied",
                "Not allowed",
                "Use a credential with the role or scope that `detail` names.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                Code::PermissionDenied,
                Park,
                "cross_site",
                "The request comes from another site",
                "Cookies are for pages of the same host. Programs send `Authorization: Bearer` or `X-API-Key`.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                Code::NotFound,
                Drop,
                "not_found",
                "Not found",
                "Check the id. What your tenant does not watch looks the same as what does not exist.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                Code::Unimplemented,
                Park,
                "method_not_allowed",
                "The address does not take this method",
                "Use a method named in the `Allow` header.",
            ),
            Self::Conflict => (
                StatusCode::CONFLICT,
                Code::FailedPrecondition,
                Drop,
                "conflict",
                "In conflict with what is there",
                "Read the current state, then decide again.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::OutOfRange,
                Park,
                "too_large",
                "The body is too large",
                "Send less at once: split the request.",
            ),
            Self::UnsupportedMedia => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::InvalidArgument,
                Park,
                "unsupported_media",
                "The content type is not understood",
                "Send the body with the content type that `detail` names.",
            ),
            Self::QuotaExceeded => (
                StatusCode::FORBIDDEN,
                Code::FailedPrecondition,
                Park,
                "quota_exceeded",
                "Quota exceeded",
                "The plan allows no more of what `limit` names. Free some of it, wait until `resets_at`, or ask for a larger plan; `GET /api/v1/usage` shows how much is used.",
            ),
            Self::RateLimited => (
                StatusCode::TOO_MANY_REQUESTS,
                Code::ResourceExhausted,
                Retry,
                "rate_limited",
                "Too many requests",
                "Wait as long as `Retry-After` says, then go on more slowly; or ask for a larger plan.",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Unavailable,
                Retry,
                "busy",
                "Too much is under way",
                "Send the same request again after the time in `Retry-After`.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Unavailable,
                Retry,
                "unavailable",
                "Temporarily unavailable",
                "Send the same request again in a moment.",
            ),
            Self::Upstream => (
                StatusCode::BAD_GATEWAY,
                Code::Unavailable,
                Retry,
                "upstream",
                "The source did not answer as it should",
                "`detail` says what the source answered. Try again later; `GET /api/v1/sources` tells its state.",
            ),
            Self::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                Code::DeadlineExceeded,
                Retry,
                "timeout",
                "It took too long",
                "Ask for less at once, or send the same request again in a moment.",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Code::Internal,
                Park,
                "internal",
                "An error of ours",
                "Nothing is wrong with the request. Tell the operator the `trace_id`.",
            ),
        };
        Row {
            http,
            grpc,
            queue,
            label,
            title,
            help,
        }
    }

    /// HTTP status.
    pub const fn http(self) -> StatusCode {
        self.row().http
    }

    /// gRPC code.
    pub const fn grpc(self) -> Code {
        self.row().grpc
    }

    /// What a consumer does with the message.
    pub const fn queue_decision(self) -> QueueDecision {
        self.row().queue
    }

    /// Value of the `code` label of metrics; lower case with underscores.
    pub const fn metric_label(self) -> &'static str {
        self.row().label
    }

    /// `title` of the problem.
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// What the caller can do, for the help page.
    pub const fn help(self) -> &'static str {
        self.row().help
    }

    /// Anchor on the help page.
    pub fn slug(self) -> String {
        self.metric_label().replace('_', "-")
    }

    /// `type` of the problem: where the help is.
    pub fn type_uri(self) -> String {
        format!("{}#{}", crate::openapi::ERRORS_PATH, self.slug())
    }

    /// The code that stands for a status that a library chose.
    pub fn from_http(status: StatusCode) -> Self {
        let known = Self::ALL.into_iter().find(|code| code.http() == status);
        known.unwrap_or(match status {
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            status if status.is_server_error() => Self::Internal,
            _ => Self::BadRequest,
        })
    }

    /// What a peer's gRPC code means to our own caller. A peer that does not know us is a defect of
    /// ours, not of the caller's credential.
    pub const fn from_grpc(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists | Code::FailedPrecondition => Self::Conflict,
            Code::ResourceExhausted => Self::RateLimited,
            Code::DeadlineExceeded => Self::Timeout,
            Code::Unavailable | Code::Cancelled | Code::Aborted => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_whole_row() {
        let mut labels = HashSet::new();
        for code in ErrorCode::ALL {
            assert!(
                labels.insert(code.metric_label()),
                "{code:?} shares its label"
            );
            assert!(code.http().is_client_error() || code.http().is_server_error());
            assert_ne!(code.grpc(), Code::Ok);
            assert!(!code.title().is_empty() && !code.help().is_empty());
            assert!(code.type_uri().ends_with(&format!("#{}", code.slug())));
            // Whoever is told to try again by one transport is told so by the others.
            let transient = matches!(
                code.grpc(),
                Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
            );
            assert_eq!(
                transient,
                code.queue_decision() == QueueDecision::Retry,
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_status_finds_its_code() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_http(code.http()).http(), code.http());
        }
        assert_eq!(
            ErrorCode::from_http(StatusCode::REQUEST_TIMEOUT),
            ErrorCode::Timeout
        );
        assert_eq!(
            ErrorCode::from_http(StatusCode::BAD_GATEWAY),
            ErrorCode::Upstream
        );
        assert_eq!(
            ErrorCode::from_http(StatusCode::IM_A_TEAPOT),
            ErrorCode::BadRequest
        );
    }
}
