//! Which failures are worth another try.

use tonic::{Code, Status};

/// True when the same call may succeed a moment later: the peer restarts, is overloaded, or lost a
/// serialisation race. A refusal of the request itself is never transient.
pub fn is_transient(status: &Status) -> bool {
    matches!(
        status.code(),
        // A broken connection surfaces as Unknown or Cancelled as often as Unavailable.
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::Cancelled
            | Code::Unknown
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_final_and_outages_are_not() {
        for status in [
            Status::unavailable(""),
            Status::deadline_exceeded(""),
            Status::aborted(""),
        ] {
            assert!(is_transient(&status), "{status}");
        }
        for status in [
            Status::invalid_argument(""),
            Status::permission_denied(""),
            Status::unauthenticated(""),
            Status::not_found(""),
            Status::internal(""),
        ] {
            assert!(!is_transient(&status), "{status}");
        }
    }
}
