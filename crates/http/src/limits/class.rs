//! Kinds of routes.

use http::Method;

/// What a request costs us, or could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It tries a password or a token: whoever guesses has to be slow.
    SignIn,
    /// It reads what we have.
    Read,
    /// It changes something.
    Write,
    /// It makes us ask the outside world, which costs others patience or us money.
    Crawl,
    /// It reads a whole file.
    Export,
}

impl Class {
    /// The kind of a route, by method and address (`/api/v1/products/{id}/refresh`). What is no exception is a read or
    /// a write, so a new route is never without limits.
    #[must_use]
    pub fn of(method: &Method, route: &str) -> Self {
        let changes = !method.is_safe();
        let path = route.strip_prefix("/api/v1").unwrap_or(route);
        if changes && path.starts_with("/auth/") {
            Self::SignIn
        } else if path.ends_with(".csv") || path.contains("/export") {
            Self::Export
        } else if asks_outside(changes, path) {
            Self::Crawl
        } else if changes {
            Self::Write
        } else {
            Self::Read
        }
    }

    /// In answers, metrics and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
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
        for path in ["/auth/login", "/auth/refresh", "/auth/register"] {
            assert_eq!(of(post.clone(), path), Class::SignIn, "{path}");
        }
        for path in [
            "/auth/profile",
            "/products",
            "/events",
            "/sources/{source}",
            "/crawls/{id}",
        ] {
            assert_eq!(of(get.clone(), path), Class::Read, "{path}");
        }
        for path in [
            "/trackings",
            "/crawls/{id}/cancel",
            "/monitors",
            "/alerts/{id}/ack",
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
        assert_eq!(Class::of(&Method::PATCH, "/api/v1/tenant"), Class::Write);
        assert_eq!(Class::of(&get, "/.well-known/jwks.json"), Class::Read);
    }
}
