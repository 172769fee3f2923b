//! The figures of requests: how many, how long, by method, route and status.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// The name of a method in figures and traces. Clients may send any word, and each would be a series of its own.
pub(super) fn name_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => "other",
    }
}

/// Of one route, by method and status.
type OfRoute = HashMap<(&'static str, StatusCode), Series>;

/// Looked up by every request, added to when a route is asked in this way for the first time: so it is read without a
/// lock and copied to be changed.
static ALL: LazyLock<ArcSwap<HashMap<Arc<str>, Arc<OfRoute>>>> = LazyLock::new(ArcSwap::default);

/// What is counted together.
#[derive(Clone)]
struct Series {
    requests: Counter,
    seconds: Histogram,
}

impl Series {
    fn register(route: &str, method: &'static str, status: StatusCode) -> Self {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_str().to_owned()),
        ];
        Self {
            requests: metrics::counter!("http_requests_total", &labels),
            seconds: metrics::histogram!("http_request_duration_seconds", &labels),
        }
    }

    fn note(&self, elapsed: Duration) {
        self.requests.increment(1);
        self.seconds.record(elapsed.as_secs_f64());
    }
}

/// A request was answered. `route` and `method` are of few that we know.
pub(super) fn note(route: &str, method: &'static str, status: StatusCode, elapsed: Duration) {
    let all = ALL.load();
    if let Some(series) = all.get(route).and_then(|of| of.get(&(method, status))) {
        series.note(elapsed);
        return;
    }
    let series = Series::register(route, method, status);
    ALL.rcu(|all| {
        let mut all = HashMap::clone(all);
        let of_route = all.entry(Arc::from(route)).or_default();
        Arc::make_mut(of_route).insert((method, status), series.clone());
        all
    });
    series.note(elapsed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_nobody_knows_are_one() {
        for known in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
            Method::CONNECT,
            Method::TRACE,
        ] {
            assert_eq!(name_of(&known), known.as_str());
        }
        for odd in ["get", "PROPFIND", "X1", "AN-ENDLESS-NUMBER-OF-THEM"] {
            let odd = Method::from_bytes(odd.as_bytes()).expect("a method");
            assert_eq!(name_of(&odd), "other");
        }
    }
}
