//! Pages under a slug that its tenant gave up: they lead to the tenant's present one.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use contracts::identity::v1::FindMovedRequest;
use contracts::identity::v1::tenants_client::TenantsClient;
use http_kit::auth::tenant_label;
use moka::future::Cache;
use tokio::sync::Semaphore;

/// How long it is believed where a slug leads, or that it leads nowhere.
const KEPT: Duration = Duration::from_secs(60);
/// Slugs remembered at most.
const CAPACITY: u64 = 20_000;
/// Asked at the same time at most: anybody may name any host, and each new one costs its keeper a read.
const AT_ONCE: usize = 8;
/// How long a page waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest slug: a DNS label.
const LONGEST: usize = 63;

/// Who knows where slugs lead.
#[async_trait]
pub trait Leads: Send + Sync + 'static {
    /// The slug that this one was given up for; nothing while nobody can say.
    async fn leads_to(&self, slug: &str) -> Option<String>;
}

/// user-service.
#[async_trait]
impl Leads for TenantsClient<rpc::Channel> {
    async fn leads_to(&self, slug: &str) -> Option<String> {
        let slug = slug.to_owned();
        let answer = self.clone().find_moved(FindMovedRequest { slug }).await;
        match answer {
            Ok(answer) => Some(answer.into_inner().slug).filter(|slug| !slug.is_empty()),
            Err(error) => {
                tracing::warn!(%error, "nobody says whether a slug leads elsewhere");
                None
            }
        }
    }
}

#[derive(Clone)]
struct Moved {
    leads: Arc<dyn Leads>,
    base_domains: Arc<[String]>,
    known: Cache<String, Option<String>>,
    turns: Arc<Semaphore>,
}

/// Nobody was asked, or did not answer in time: it is not known where the slug leads.
#[derive(Debug)]
struct Untold;

/// The page's router, for whose hosts `leads` is asked.
pub fn leading(page: Router, leads: impl Leads, base_domains: &[String]) -> Router {
    let moved = Moved {
        leads: Arc::new(leads),
        base_domains: base_domains.into(),
        known: Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(KEPT)
            .build(),
        turns: Arc::new(Semaphore::new(AT_ONCE)),
    };
    page.layer(from_fn_with_state(moved, lead))
}

async fn lead(State(moved): State<Moved>, request: Request, next: Next) -> Response {
    // Of the request only what is looked at: its body cannot be shared while somebody is asked.
    let address = match moved.asked(&request) {
        Some(asked) => moved.address(asked).await,
        None => None,
    };
    match address {
        Some(address) => {
            let headers = [
                (header::LOCATION, address),
                // For as long as the slug is held, and not for ever.
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
        }
        None => next.run(request).await,
    }
}

/// A page under a host that names a slug.
struct Asked {
    slug: String,
    /// The host after the slug.
    rest: String,
    path: String,
}

impl Moved {
    /// The slug that a request for a page names, if it names one.
    fn asked(&self, request: &Request) -> Option<Asked> {
        let path = request.uri().path();
        let name = path.rsplit('/').next();
        let is_file = name.is_some_and(|name| name.contains('.'));
        if is_file || !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        let label = tenant_label(host, &self.base_domains)?;
        let rest = host.get(label.len()..)?.to_owned();
        let slug = label.to_ascii_lowercase();
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if slug.len() > LONGEST || !slug.bytes().all(fits) {
            return None;
        }
        let path = request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str()).to_owned();
        Some(Asked { slug, rest, path })
    }

    /// Where that is answered instead; the page itself, while that cannot be told soon.
    async fn address(&self, asked: Asked) -> Option<HeaderValue> {
        let Asked { slug, rest, path } = asked;
        let ask = self.ask(&slug);
        let leads_to = self.known.try_get_with_by_ref(&slug, ask).await.ok()??;
        HeaderValue::try_from(format!("//{leads_to}{rest}{path}")).ok()
    }

    async fn ask(&self, slug: &str) -> Result<Option<String>, Untold> {
        let _turn = self.turns.try_acquire().map_err(|_| Untold)?;
        let asked = tokio::time::timeout(PATIENCE, self.leads.leads_to(slug)).await;
        asked.map_err(|_| Untold)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Body;
    use futures::future::join_all;
    use tower::ServiceExt;

    use super::*;

    struct Acme;

    #[async_trait]
    impl Leads for Acme {
        async fn leads_to(&self, slug: &str) -> Option<String> {
            (slug == "acme").then(|| "zenith".to_owned())
        }
    }

    /// Counts who asks, and answers when it is let.
    #[derive(Clone)]
    struct Slow {
        asked: Arc<AtomicUsize>,
        answers: Arc<Semaphore>,
    }

    #[async_trait]
    impl Leads for Slow {
        async fn leads_to(&self, _: &str) -> Option<String> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            drop(self.answers.acquire().await.unwrap());
            Some("zenith".to_owned())
        }
    }

    fn router(leads: impl Leads) -> Router {
        let page = Router::new().fallback(|| async { "page" });
        leading(page, leads, &["example.com".to_owned()])
    }

    async fn get(host: &str, path: &str) -> (StatusCode, Option<String>) {
        get_of(router(Acme), host, path).await
    }

    async fn get_of(router: Router, host: &str, path: &str) -> (StatusCode, Option<String>) {
        let request = Request::builder().uri(path).header("host", host);
        let request = request.body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        (response.status(), location)
    }

    #[tokio::test]
    async fn a_former_slug_leads_to_the_present_one() {
        let (status, address) = get("ACME.example.com:8443", "/products/7?q=a").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        let expected = "//zenith.example.com:8443/products/7?q=a";
        assert_eq!(address.as_deref(), Some(expected));
    }

    #[tokio::test]
    async fn any_number_of_hosts_ask_few_questions_at_once_and_wait_for_none() {
        let slow = Slow {
            asked: Arc::default(),
            answers: Arc::new(Semaphore::new(0)),
        };
        let router = router(slow.clone());
        let hosts: Vec<String> = (0..100).map(|n| format!("t{n}.example.com")).collect();
        let all = hosts.iter().map(|host| get_of(router.clone(), host, "/"));
        for answer in join_all(all).await {
            assert_eq!(answer, (StatusCode::OK, None));
        }
        assert_eq!(slow.asked.load(Ordering::Relaxed), AT_ONCE);

        // What nobody could tell is asked again.
        slow.answers.add_permits(1);
        let (status, address) = get_of(router, &hosts[0], "/").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(address.as_deref(), Some("//zenith.example.com/"));
    }

    #[tokio::test]
    async fn everything_else_is_the_page() {
        for (host, path) in [
            ("zenith.example.com", "/"),
            ("example.com", "/"),
            ("acme.elsewhere.com", "/"),
            ("acme.example.com", "/assets/a-1.js"),
            ("ac_me.example.com", "/"),
            ("", "/"),
        ] {
            assert_eq!(
                get(host, path).await,
                (StatusCode::OK, None),
                "{host}{path}"
            );
        }
    }
}
