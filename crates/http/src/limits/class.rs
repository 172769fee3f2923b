//! Kinds of routes.

use http::Method;

/// What a request costs us, or could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It tries a password or a secret out of a mail, or makes an account: whoever guesses has to be slow.
    SignIn,
    /// It goes on with a session, or ends it, by a token that nobody can guess.
    Renew,
    /// It reads what we have.
    Read,
    /// It changes something.
    Write,
    /// It makes us ask the outside world, which costs others patience or us money.
    Crawl,
    /// It reads a whole file.
    Export,
}

/// Where somebody without a credential may try what they guessed, or have a mail sent.
const GUESSED: [&str; 8] = [
    "/auth/login",
    "/auth/register",
    "/auth/password/forgot",
    "/auth/password/reset",
    "/auth/email/verify",
    "/auth/invitations/look",
    "/auth/invitations/accept",
    "/auth/handoff",
];

/// What every open page of an office does by itself: who guesses passwords there must not end its sessions.
const RENEWING: [&str; 2] = ["/auth/refresh", "/auth/logout"];

impl Class {
    /// The kind of a route, by method and address (`/api/v1/products/{id}/refresh`). What is no exception is a read or
    /// a write, so a new route is never without limits.
    #[must_use]
    pub fn of(method: &Method, route: &str) -> Self {
        let changes = !method.is_safe();
        let path = route.strip_prefix("/api/v1").unwrap_or(route);
        if changes && GUESSED.contains(&path) {
            Self::SignIn
        } else if changes && RENEWING.contains(&path) {
            Self::Renew
        } else if asks_outside(changes, path) {
            Self::Crawl
        } else if changes {
            Self::Write
        } else if path.ends_with(".csv") || path.ends_with("/archive") {
            Self::Export
        } else {
            Self::Read
        }
    }

    /// In answers, metrics and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Renew => "renew",
            Self::Read => "read",
            Self::Write => "write",
            Self::Crawl => "crawl",
            Self::Export => "export",
        }
    }
}

/// Whether a source is asked, now or by the crawl that it starts.
fn asks_outside(changes: bool, path: &str) -> bool {
    if changes {
        ["/crawl/", "/sync/"]
            .iter()
            .any(|start| path.starts_with(start))
            || [
                "/refresh",
                "/run",
                "/retry",
                "/credential/test",
                "/sources/preview",
                "/scheduler/start",
            ]
            .iter()
            .any(|end| path.ends_with(end))
    } else {
        path.starts_with("/sources/haier/")
            || (path.starts_with("/sources/") && path.ends_with("/search"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart() {
        let of = |method: Method, path: &str| Class::of(&method, &format!("/api/v1{path}"));
        let (get, post) = (Method::GET, Method::POST);
        for path in GUESSED {
            assert_eq!(of(post.clone(), path), Class::SignIn, "{path}");
            assert_eq!(of(get.clone(), path), Class::Read, "{path}");
        }
        for path in RENEWING {
            assert_eq!(of(post.clone(), path), Class::Renew, "{path}");
        }
        for path in [
            "/auth/profile",
            "/products",
            "/events",
            "/sources/{source}",
            "/crawls/{id}",
            "/tenant/exports",
            "/tenant/exports/{id}",
        ] {
            assert_eq!(of(get.clone(), path), Class::Read, "{path}");
        }
        for path in [
            "/trackings",
            "/crawls/{id}/cancel",
            "/monitors",
            "/alerts/{id}/ack",
            "/tenant/exports",
            "/auth/switch",
            "/auth/email/verification",
            "/auth/sessions",
        ] {
            assert_eq!(of(post.clone(), path), Class::Write, "{path}");
        }
        for path in [
            "/crawl/manual",
            "/sync/{source}",
            "/products/{id}/refresh",
            "/monitors/{id}/run",
            "/crawls/{id}/retry",
            "/sources/preview",
            "/sources/{source}/credential/test",
            "/scheduler/start",
        ] {
            assert_eq!(of(post.clone(), path), Class::Crawl, "{path}");
        }
        for path in ["/sources/{source}/search", "/sources/haier/stock"] {
            assert_eq!(of(get.clone(), path), Class::Crawl, "{path}");
        }
        for path in [
            "/products/{id}/history.csv",
            "/audit-log.csv",
            "/tenant/exports/{id}/archive",
        ] {
            assert_eq!(of(get.clone(), path), Class::Export, "{path}");
        }
        for path in ["/tenant", "/auth/profile"] {
            assert_eq!(of(Method::PATCH, path), Class::Write, "{path}");
        }
        assert_eq!(Class::of(&get, "/.well-known/jwks.json"), Class::Read);
    }
}
