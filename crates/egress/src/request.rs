//! What to ask for.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::Url;

/// One request to the outside world.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) redirects: u8,
    pub(crate) max_body: Option<usize>,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
            timeout: None,
            redirects: 0,
            max_body: None,
        }
    }

    /// A POST with a JSON body.
    ///
    /// # Errors
    /// A value that has no JSON form.
    pub fn post_json(url: Url, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let mut request = Self::get(url);
        request.method = Method::POST;
        request.body = Some(serde_json::to_vec(body)?);
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(http::header::CONTENT_TYPE, json);
        Ok(request)
    }

    /// A POST of a form, encoded as `application/x-www-form-urlencoded`.
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Self::get(url);
        request.method = Method::POST;
        request.body = Some(form.finish().into_bytes());
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(http::header::CONTENT_TYPE, kind);
        request
    }

    /// Sets a header. A value that no header can carry is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Sets a header whose value no log may show, such as a bare `authorization`. A value that no
    /// header can carry is left out.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Sets `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.secret_header("authorization", &format!("Bearer {token}"))
    }

    /// A limit for the whole exchange other than the client's own.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Follows up to `hops` redirects of a GET, each checked anew. The default is none.
    #[must_use]
    pub fn follow(mut self, hops: u8) -> Self {
        self.redirects = hops;
        self
    }

    /// A smaller limit for the decompressed body than the client's own.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Headers set so far.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}
