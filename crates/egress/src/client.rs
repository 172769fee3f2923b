//! The client itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::address::is_public;
use crate::error::EgressError;
use crate::request::Request;
use crate::resolver::{GuardedResolver, PRIVATE};
use crate::response::Response;

/// What one exchange may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte sent to the last received.
    pub timeout: Duration,
    /// Decompressed bytes of a body.
    pub max_body: usize,
    /// Lets requests reach private addresses: for the demo and for tests, never in production.
    pub allow_private: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            max_body: 32 * 1024 * 1024,
            allow_private: false,
        }
    }
}

/// The HTTP client for the outside world; cheap to clone.
#[derive(Clone, Debug)]
pub struct Egress {
    client: reqwest::Client,
    limits: Limits,
}

impl Egress {
    /// A client within these limits.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(limits: Limits) -> Result<Self, EgressError> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(Duration::from_secs(10).min(limits.timeout))
            .pool_idle_timeout(Duration::from_secs(60))
            .dns_resolver(Arc::new(GuardedResolver {
                allow_private: limits.allow_private,
            }))
            .user_agent(concat!("Bellwether/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EgressError::Request(error.to_string()))?;
        Ok(Self { client, limits })
    }

    /// Sends a request and reads the whole answer. Any status is an answer, not an error.
    ///
    /// # Errors
    /// See [`EgressError`].
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        let begun = Instant::now();
        let result = self.follow(request).await;
        let outcome = match &result {
            Ok(response) => match response.status / 100 {
                2 => "2xx",
                3 => "3xx",
                4 => "4xx",
                _ => "5xx",
            },
            Err(error) => error.label(),
        };
        metrics::counter!("egress_requests_total", "outcome" => outcome).increment(1);
        metrics::histogram!("egress_request_seconds").record(begun.elapsed().as_secs_f64());
        result
    }

    async fn follow(&self, mut request: Request) -> Result<Response, EgressError> {
        loop {
            let response = self.exchange(&request).await?;
            let Some(next) = redirect(&request, &response) else {
                return Ok(response);
            };
            // Credentials and cookies-to-be belong to the host they were meant for.
            if next.origin() != request.url.origin() {
                request.headers = harmless(&request.headers);
            }
            request.url = next;
            request.redirects -= 1;
        }
    }

    async fn exchange(&self, request: &Request) -> Result<Response, EgressError> {
        let host = self.check(&request.url)?;
        let mut building = self
            .client
            .request(request.method.clone(), request.url.clone())
            .timeout(request.timeout.unwrap_or(self.limits.timeout))
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            building = building.body(body.clone());
        }
        let response = building
            .send()
            .await
            .map_err(|error| EgressError::of(&host, error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.read(&host, response).await?;
        Ok(Response {
            url: request.url.clone(),
            status,
            headers,
            body,
        })
    }

    /// What the resolver cannot check: scheme, credentials in the URL, literal addresses.
    fn check(&self, url: &Url) -> Result<String, EgressError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let blocked = |why| {
            Err(EgressError::Blocked {
                host: host.clone(),
                why,
            })
        };
        if !matches!(url.scheme(), "http" | "https") {
            return blocked("only http and https are spoken");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return blocked("credentials do not belong into an address");
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return blocked("the address names no host"),
        };
        if !self.limits.allow_private && literal.is_some_and(|address| !is_public(address)) {
            return blocked(PRIVATE);
        }
        Ok(host)
    }

    /// Reads a body up to the limit, counting what decompression yields.
    async fn read(
        &self,
        host: &str,
        mut response: reqwest::Response,
    ) -> Result<Bytes, EgressError> {
        let limit = self.limits.max_body;
        let too_large = || EgressError::TooLarge {
            host: host.to_owned(),
            limit,
        };
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| EgressError::of(host, error))?
        {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// Where a followed GET goes next.
fn redirect(request: &Request, response: &Response) -> Option<Url> {
    let redirects = matches!(
        StatusCode::from_u16(response.status),
        Ok(StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT)
    );
    if !redirects || request.redirects == 0 || request.method != Method::GET {
        return None;
    }
    request.url.join(response.header("location")?).ok()
}

/// Headers that say nothing about who we are to somebody.
fn harmless(headers: &HeaderMap) -> HeaderMap {
    [
        http::header::ACCEPT,
        http::header::ACCEPT_LANGUAGE,
        http::header::USER_AGENT,
    ]
    .into_iter()
    .filter_map(|name| headers.get(&name).map(|value| (name, value.clone())))
    .collect()
}
