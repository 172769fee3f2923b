//! The HTTP API as a client of it.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

use super::{Stage, key_text};

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// The body of an answer with this status.
    pub(super) fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The fields that a 422 names.
    pub(super) fn fields(self) -> Vec<String> {
        let body = self.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let errors = body["errors"].as_array().expect("a list");
        let field = |error: &Value| error["field"].as_str().expect("a text").to_owned();
        errors.iter().map(field).collect()
    }
}

/// A caller with one API key.
#[derive(Clone)]
pub(super) struct Client {
    app: Router,
    key: &'static str,
}

impl Stage {
    pub(super) fn client(&self, key: &'static str) -> Client {
        Client {
            app: crate::router(self.state.clone()).split_for_parts().0,
            key,
        }
    }
}

impl Client {
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", key_text(self.key));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).expect("a request");
        let answer = self.app.clone().oneshot(request).await.expect("answered");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("whole");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }
}
