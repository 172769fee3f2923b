//! The page's credentials: cookies that no script can read.
//!
//! `__Host-` makes browsers accept them only over a secure connection, from this very host and for it alone, so that one
//! tenant's subdomain can neither read nor plant another's.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use crate::{ApiError, ErrorCode};

/// Holds the access token.
pub const ACCESS_COOKIE: &str = "__Host-bw_access";

/// Holds the refresh token.
pub const REFRESH_COOKIE: &str = "__Host-bw_refresh";

/// With the value `1` it asks for cookies instead of tokens. A page of another site cannot send it.
pub const PAGE_HEADER: &str = "x-bellwether-page";

/// What browsers say of where a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the page asks.
#[must_use]
pub fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(PAGE_HEADER)
        .is_some_and(|value| value.as_bytes() == b"1")
}

/// The value of a cookie. An empty one is none.
#[must_use]
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // HTTP/2 may send several headers.
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut values = pairs.filter_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    });
    values.find(|value| !value.is_empty())
}

/// A cookie to set; without a value it is removed.
///
/// # Errors
/// When the value cannot stand in a header.
pub fn set(name: &str, value: Option<&str>, seconds: i64) -> Result<HeaderValue, ApiError> {
    let age = if value.is_some() { seconds } else { 0 };
    let value = value.unwrap_or_default();
    let text = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; Secure; SameSite=Lax");
    let mut cookie = HeaderValue::try_from(text).map_err(ApiError::internal)?;
    cookie.set_sensitive(true);
    Ok(cookie)
}

/// 403 unless the request comes from a page of this host, or changes nothing. Browsers send cookies by themselves,
/// whoever makes them ask; what they say of the asker cannot be forged by a page.
///
/// # Errors
/// [`ErrorCode::CrossSite`].
pub fn check_same_origin(method: &Method, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    let same = match headers.get(FETCH_SITE) {
        Some(site) => site.as_bytes() == b"same-origin",
        None => origin_is_host(headers, uri).unwrap_or(false),
    };
    if same {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::CrossSite,
        "A change with a cookie must come from a page of this host. Programs send `Authorization: Bearer` or \
         `X-API-Key` instead of cookies.",
    ))
}

/// Whether `Origin` names the host that is asked.
fn origin_is_host(headers: &HeaderMap, uri: &Uri) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    let (_, origin) = origin.split_once("://")?;
    let host = host(headers, uri)?;
    Some(origin.eq_ignore_ascii_case(host))
}

/// The host that is asked; HTTP/2 names it in the address.
pub(super) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    host.or_else(|| uri.authority().map(|authority| authority.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = headers(&[
            ("cookie", "a=b; __Host-bw_access_old=x;__Host-bw_access=one"),
            ("cookie", "nonsense; __Host-bw_refresh = two ; empty="),
        ]);
        assert_eq!(find(&headers, ACCESS_COOKIE), Some("one"));
        assert_eq!(find(&headers, REFRESH_COOKIE), Some("two"));
        assert_eq!(find(&headers, "empty"), None);
        assert_eq!(find(&headers, "absent"), None);
    }

    #[test]
    fn only_a_page_of_the_same_host_may_change_things() {
        let uri = Uri::from_static("/api/v1/trackings");
        let host = ("host", "acme.example.com:8443");
        let cases: [(&[(&'static str, &'static str)], bool); 10] = [
            (&[host, ("sec-fetch-site", "same-origin")], true),
            (&[host, ("sec-fetch-site", "same-site")], false),
            (&[host, ("sec-fetch-site", "cross-site")], false),
            (&[host, ("sec-fetch-site", "none")], false),
            // What the browser says outweighs an origin.
            (
                &[
                    host,
                    ("sec-fetch-site", "same-site"),
                    ("origin", "https://acme.example.com:8443"),
                ],
                false,
            ),
            (&[host, ("origin", "https://ACME.example.com:8443")], true),
            (&[host, ("origin", "https://acme.example.com")], false),
            (&[host, ("origin", "https://beta.example.com:8443")], false),
            (&[host, ("origin", "null")], false),
            (&[host], false),
        ];
        for (pairs, allowed) in cases {
            let headers = headers(pairs);
            let checked = check_same_origin(&Method::POST, &headers, &uri);
            assert_eq!(checked.is_ok(), allowed, "{pairs:?}");
            assert!(check_same_origin(&Method::GET, &headers, &uri).is_ok());
        }
    }

    #[test]
    fn cookies_are_out_of_reach_for_scripts_and_other_hosts() {
        let cookie = set(ACCESS_COOKIE, Some("token"), 900).expect("a header");
        assert_eq!(
            cookie,
            "__Host-bw_access=token; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax"
        );
        let removed = set(ACCESS_COOKIE, None, 900).expect("a header");
        assert_eq!(
            removed,
            "__Host-bw_access=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
        );
    }
}
