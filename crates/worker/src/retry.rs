//! Trying a call again while it makes sense.

use std::time::Duration;

use tonic::{Response, Status};

use crate::lease::Lease;

/// First pause; doubled each time.
const FIRST: Duration = Duration::from_millis(100);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// Calls until an answer or a final refusal. A passing failure is tried again as long as the lease
/// lasts; then its last status is returned.
pub(crate) async fn within<T, F>(
    lease: &Lease,
    what: &'static str,
    mut call: impl FnMut() -> F,
) -> Result<T, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut pause = FIRST;
    loop {
        let status = match call().await {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) => status,
        };
        if !rpc::is_transient(&status) || lease.is_over() {
            return Err(status);
        }
        tracing::warn!(what, code = ?status.code(), error = status.message(), "will try again");
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
        pause = (pause * 2).min(LONGEST);
    }
}
