//! Service tokens: which of our processes is calling.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use futures::future::{Either, Ready, ready};
use http::header::AUTHORIZATION;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

/// The process behind a call, put into the request's extensions by [`CallerLayer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// user-service.
    User,
    /// core-service.
    Core,
    /// crawler-service.
    Crawler,
    /// worker: may do Ingest, Report, Checkpoint and OpenSecret, and of mails Open and Report only.
    Worker,
    /// The operator's CLI.
    Operator,
}

impl Caller {
    /// Reads the caller from a request.
    ///
    /// # Errors
    /// `Unauthenticated` when the service is not behind [`CallerLayer`].
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request
            .extensions()
            .get::<Self>()
            .copied()
            .ok_or_else(unknown)
    }

    /// Admits only the named callers.
    ///
    /// # Errors
    /// `PermissionDenied` for any other.
    pub fn require(self, admitted: &[Self]) -> Result<(), Status> {
        if admitted.contains(&self) {
            Ok(())
        } else {
            Err(Status::permission_denied(
                "this service may not make this call",
            ))
        }
    }

    /// [`Caller::of`] and [`Caller::require`] in one step, for the first line of a handler.
    ///
    /// # Errors
    /// As those two.
    pub fn check<T>(request: &tonic::Request<T>, admitted: &[Self]) -> Result<Self, Status> {
        let caller = Self::of(request)?;
        caller.require(admitted)?;
        Ok(caller)
    }
}

/// The token each caller is known by. An empty token admits nobody.
#[derive(Clone)]
pub struct Tokens {
    /// Of user-service.
    pub user: String,
    /// Of core-service.
    pub core: String,
    /// Of crawler-service.
    pub crawler: String,
    /// Of worker.
    pub worker: String,
    /// Of the operator's CLI.
    pub operator: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl From<&config::Internal> for Tokens {
    fn from(section: &config::Internal) -> Self {
        Self {
            user: section.user_token.expose().to_owned(),
            core: section.core_token.expose().to_owned(),
            crawler: section.crawler_token.expose().to_owned(),
            worker: section.worker_token.expose().to_owned(),
            operator: section.operator_token.expose().to_owned(),
        }
    }
}

impl Tokens {
    /// Who holds `token`. Compares with all of them, each in constant time.
    pub fn identify(&self, token: &str) -> Option<Caller> {
        let known = [
            (&self.user, Caller::User),
            (&self.core, Caller::Core),
            (&self.crawler, Caller::Crawler),
            (&self.worker, Caller::Worker),
            (&self.operator, Caller::Operator),
        ];
        let mut found = None;
        for (expected, caller) in known {
            let equal = verify_slices_are_equal(expected.as_bytes(), token.as_bytes()).is_ok();
            if equal && !expected.is_empty() {
                found = Some(caller);
            }
        }
        found
    }
}

/// Refuses calls without a known token; health checks need none.
#[derive(Clone, Debug)]
pub struct CallerLayer {
    tokens: Arc<Tokens>,
}

impl CallerLayer {
    /// A layer that knows these tokens.
    pub fn new(tokens: Tokens) -> Self {
        Self {
            tokens: Arc::new(tokens),
        }
    }
}

impl<S> Layer<S> for CallerLayer {
    type Service = CallerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CallerService {
            inner,
            tokens: Arc::clone(&self.tokens),
        }
    }
}

/// See [`CallerLayer`].
#[derive(Clone, Debug)]
pub struct CallerService<S> {
    inner: S,
    tokens: Arc<Tokens>,
}

impl<S> Service<http::Request<Body>> for CallerService<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, Ready<Result<Self::Response, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        // An orchestrator's probe has no token, and the answer tells nothing but "serving".
        if request.uri().path().starts_with("/grpc.health.v1.Health/") {
            return Either::Left(self.inner.call(request));
        }
        let caller = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .and_then(|token| self.tokens.identify(token));
        match caller {
            Some(caller) => {
                request.extensions_mut().insert(caller);
                Either::Left(self.inner.call(request))
            }
            None => Either::Right(ready(Ok(unknown().into_http()))),
        }
    }
}

fn unknown() -> Status {
    Status::unauthenticated("a known service token is required")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens {
            user: "u".repeat(32),
            core: "c".repeat(32),
            crawler: "r".repeat(32),
            worker: "w".repeat(32),
            operator: String::new(),
        }
    }

    #[test]
    fn a_token_names_its_caller_and_nothing_else_does() {
        assert_eq!(tokens().identify(&"w".repeat(32)), Some(Caller::Worker));
        assert_eq!(tokens().identify(&"w".repeat(31)), None);
        assert_eq!(tokens().identify(""), None, "an unset token admits nobody");
        assert_eq!(format!("{:?}", tokens()), "Tokens(..)");
    }

    #[test]
    fn only_admitted_callers_pass() {
        assert!(
            Caller::Worker
                .require(&[Caller::Worker, Caller::Operator])
                .is_ok()
        );
        let refused = Caller::Worker.require(&[Caller::Core]).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied);
    }
}
