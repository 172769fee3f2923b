//! The client itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::error::EgressError;
use crate::request::Request;
use crate::resolver::{GuardedResolver, PRIVATE, Refusal, resolve};
use crate::response::Response;
use crate::target;

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
    /// Names are resolved by a proxy.
    proxied: bool,
}

impl Egress {
    /// A client within these limits.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(limits: Limits) -> Result<Self, EgressError> {
        Self::build(limits, None)
    }

    /// The same client through an outbound proxy, an http or https URL that the operator supplies,
    /// perhaps with a name and password in it. The proxy itself may have a private address.
    ///
    /// What is asked is checked all the same: names are resolved here, too, and refused if any of
    /// their addresses is private, but which address is dialled is then the proxy's choice. A proxy
    /// that can reach networks of ours should keep itself from it.
    ///
    /// # Errors
    /// A URL that names no such proxy.
    pub fn through(&self, proxy: &str) -> Result<Self, EgressError> {
        // The URL may hold a password, so no word of it goes into the error.
        let wrong = || EgressError::Request("the proxy is not an http or https URL".into());
        let proxy = Url::parse(proxy).map_err(|_| wrong())?;
        if !matches!(proxy.scheme(), "http" | "https") || proxy.host().is_none() {
            return Err(wrong());
        }
        Self::build(self.limits, Some(proxy))
    }

    fn build(limits: Limits, proxy: Option<Url>) -> Result<Self, EgressError> {
        let refused = |error: reqwest::Error| EgressError::Request(error.without_url().to_string());
        let proxied = proxy.is_some();
        let name = proxy.as_ref().and_then(|proxy| proxy.host_str());
        let mut building = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(Duration::from_secs(10).min(limits.timeout))
            .pool_idle_timeout(Duration::from_secs(60))
            .dns_resolver(Arc::new(GuardedResolver {
                allow_private: limits.allow_private,
                proxy: name.map(str::to_owned),
            }))
            .user_agent(concat!("Bellwether/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            building = building.proxy(reqwest::Proxy::all(proxy).map_err(refused)?);
        }
        Ok(Self {
            client: building.build().map_err(refused)?,
            limits,
            proxied,
        })
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
        // One limit for all hops: each could take its time otherwise.
        let deadline = Instant::now() + request.timeout.unwrap_or(self.limits.timeout);
        loop {
            let response = self.exchange(&request, deadline).await?;
            let Some(next) = redirect(&request, &response) else {
                return Ok(response);
            };
            let next = next.map_err(|why| EgressError::Blocked {
                host: request.url.host_str().unwrap_or_default().to_owned(),
                why,
            })?;
            // Credentials and cookies-to-be belong to the host they were meant for.
            if next.origin() != request.url.origin() {
                request.headers = harmless(&request.headers);
            }
            request.url = next;
            request.redirects -= 1;
        }
    }

    async fn exchange(
        &self,
        request: &Request,
        deadline: Instant,
    ) -> Result<Response, EgressError> {
        let host = self.check(&request.url)?;
        if self.proxied {
            self.check_name(&request.url, &host).await?;
        }
        let mut building = self
            .client
            .request(request.method.clone(), request.url.clone())
            .timeout(deadline.saturating_duration_since(Instant::now()))
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            building = building.body(body.clone());
        }
        let response = building
            .send()
            .await
            .map_err(|error| EgressError::of(&host, error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let limit = request
            .max_body
            .map_or(self.limits.max_body, |own| own.min(self.limits.max_body));
        let body = read(&host, response, limit).await?;
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
        match target::check(url, self.limits.allow_private) {
            Ok(()) => Ok(host),
            Err(why) => Err(EgressError::Blocked { host, why }),
        }
    }

    /// What the resolver would check if the proxy did not resolve in its place.
    async fn check_name(&self, url: &Url, host: &str) -> Result<(), EgressError> {
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        match resolve(name, self.limits.allow_private).await {
            Ok(_) => Ok(()),
            Err(source) if source.is::<Refusal>() => Err(EgressError::Blocked {
                host: host.to_owned(),
                why: PRIVATE,
            }),
            Err(source) => Err(EgressError::Connect {
                host: host.to_owned(),
                source,
            }),
        }
    }
}

/// Reads a body up to a limit, counting what decompression yields.
async fn read(
    host: &str,
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Bytes, EgressError> {
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

/// Where a followed GET goes next, if that is an address that everybody reads alike.
fn redirect(request: &Request, response: &Response) -> Option<Result<Url, &'static str>> {
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
    let location = response.header("location")?;
    if location.contains(|c: char| c == '\\' || c.is_control()) {
        return Some(Err("it redirects to no plain address"));
    }
    request.url.join(location).ok().map(Ok)
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
