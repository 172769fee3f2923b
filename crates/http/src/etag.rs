//! Reads that need not be sent twice.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{ApiError, ApiResult};

/// A body and its tag, made once and sent as often as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// JSON.
    pub body: Bytes,
    /// Weak, because compression may change the bytes on their way.
    pub tag: HeaderValue,
}

impl Tagged {
    /// `value` as JSON.
    ///
    /// # Errors
    /// 500 when it does not become JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> ApiResult<Self> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        let tag = format!("W/\"{}\"", hex::encode(&secrets::sha256(&body)[..16]));
        Ok(Self {
            body: body.into(),
            tag: HeaderValue::try_from(tag).map_err(ApiError::internal)?,
        })
    }

    /// The answer to a request with these headers: 304 when the caller has just that.
    #[must_use]
    pub fn respond(&self, headers: &HeaderMap) -> Response {
        Self::respond_with(&self.body, &self.tag, headers)
    }

    /// The same with a body and a tag that are kept elsewhere.
    #[must_use]
    pub fn respond_with(body: &Bytes, tag: &HeaderValue, headers: &HeaderMap) -> Response {
        let known = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|value| matches(value, tag));
        // Shared caches must not keep it, private ones must ask.
        let common = [
            (header::ETAG, tag.clone()),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-cache"),
            ),
            (
                header::VARY,
                HeaderValue::from_static("authorization, x-api-key"),
            ),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let json = [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )];
        (common, json, body.clone()).into_response()
    }
}

/// `value` as JSON with an ETag, or 304 when the caller has just that. `headers` are the request's.
///
/// # Errors
/// 500 when `value` does not become JSON.
pub fn respond<T: Serialize + ?Sized>(headers: &HeaderMap, value: &T) -> ApiResult<Response> {
    Ok(Tagged::of(value)?.respond(headers))
}

/// Whether an `If-None-Match` names `tag`, comparing weakly.
fn matches(value: &HeaderValue, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let listed = value.to_str().unwrap_or_default().split(',').map(str::trim);
    listed
        .into_iter()
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_is_not_sent_twice() {
        let first = respond(&HeaderMap::new(), &[1, 2]).expect("sent");
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        let again = respond(&headers, &[1, 2]).expect("not sent");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            respond(&headers, &[1, 3]).expect("sent").status(),
            StatusCode::OK
        );
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\", *"));
        assert_eq!(
            respond(&headers, &[1, 3]).expect("sent").status(),
            StatusCode::NOT_MODIFIED
        );
    }
}
