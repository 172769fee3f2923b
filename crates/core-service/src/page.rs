//! The built page, served beside the API.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

/// Nothing but our own files runs; pictures come from the shops.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' https: http: data:; \
     style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// Files below it have a hash of their content in their name.
const HASHED: &str = "/assets/";

/// Addresses that are never the page's: there an unknown path stays a 404.
const NOT_OURS: [&str; 2] = ["/api/", "/.well-known/"];

/// Serves the page built into `dir` at every path that nothing else answers: merge it into the API's router.
///
/// A path without a file is the page itself, which routes in the browser. Without a built page it says how to make
/// one.
pub fn router(dir: &str) -> Router {
    Router::new()
        .fallback(serve)
        .with_state(Arc::new(PathBuf::from(dir)))
}

async fn serve(State(dir): State<Arc<PathBuf>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if NOT_OURS.iter().any(|prefix| path.starts_with(prefix)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let index = dir.join("index.html");
    if !index.is_file() {
        return secured(not_built(&dir), false);
    }
    let found = ServeDir::new(dir.as_path()).append_index_html_on_directories(true);
    let head = request.method().clone();
    let conditional = request.headers().clone();
    let mut response = found.oneshot(request).await.into_response();
    let names_a_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    if response.status() == StatusCode::NOT_FOUND && !names_a_file {
        let mut again = Request::new(Body::empty());
        *again.method_mut() = head;
        *again.headers_mut() = conditional;
        response = ServeFile::new(index).oneshot(again).await.into_response();
    }
    let hashed = path.starts_with(HASHED) && response.status().is_success();
    secured(response, hashed)
}

fn secured(mut response: Response, hashed: bool) -> Response {
    let caching = if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, caching),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn not_built(dir: &Path) -> Response {
    let dir = if dir.as_os_str().is_empty() {
        Path::new("web/dist")
    } else {
        dir
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Bellwether</title>\
         <h1>Bellwether</h1><p>The API answers; the page is not built. Run <code>./dev up</code>, or \
         <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>, which writes <code>{}</code> \
         (<code>web.dir</code> in the configuration).</p><p><a href=\"/api/docs\">API documentation</a></p>",
        dir.display()
            .to_string()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
    );
    Html(page).into_response()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    async fn get(router: &Router, path: &str) -> Response {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn files_are_served_and_other_paths_are_the_page() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("assets")).unwrap();
        std::fs::write(dir.path().join("index.html"), "<p>page</p>").unwrap();
        std::fs::write(dir.path().join("assets/a-1234.js"), "1").unwrap();
        let router = router(dir.path().to_str().unwrap());
        let asset = get(&router, "/assets/a-1234.js").await;
        assert_eq!(asset.status(), StatusCode::OK);
        assert!(
            asset.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        for path in ["/", "/products/7"] {
            let page = get(&router, path).await;
            assert_eq!(page.status(), StatusCode::OK, "{path}");
            assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
            let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap();
            assert!(policy.contains("frame-ancestors 'none'"));
        }
        for path in ["/assets/gone.js", "/api/v1/nothing", "/../Cargo.toml"] {
            assert_eq!(
                get(&router, path).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn without_a_built_page_it_says_how_to_build_it() {
        let page = get(&router("/nowhere/dist"), "/").await;
        let body = axum::body::to_bytes(page.into_body(), 10_000)
            .await
            .unwrap();
        assert!(String::from_utf8_lossy(&body).contains("npm run build"));
    }
}
