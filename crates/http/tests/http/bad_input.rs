use axum::body::Body;
use http::StatusCode;
use http_kit::problem::Problem;

use crate::support::{PRODUCT, api, init_telemetry, problem, request, send, text, token};

async fn post(body: impl Into<Body>, content_type: Option<&str>, status: StatusCode) -> Problem {
    init_telemetry();
    let mut request = request("POST", "/api/v1/bodies");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let response = send(&api().0, request.body(body.into()).expect("a request")).await;
    problem(response, status).await
}

async fn refused(body: &str) -> Vec<(String, String)> {
    let problem = post(
        body.to_owned(),
        Some("application/json"),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    assert_eq!(problem.instance.as_deref(), Some("/api/v1/bodies"));
    problem
        .errors
        .into_iter()
        .map(|e| (e.field, e.message))
        .collect()
}

fn one(field: &str, message: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), message.to_owned())]
}

#[tokio::test]
async fn what_does_not_fit_is_named_by_field() {
    assert_eq!(
        refused(r#"{"url":"x","colour":"red"}"#).await,
        one(
            "colour",
            "is not a known field; known here: url, interval, rules"
        )
    );
    assert_eq!(
        refused(r#"{"url":"x","rules":[{"percent":5},{"percent":5,"x":1}]}"#).await,
        one("rules[1].x", "is not a known field; known here: percent")
    );
    assert_eq!(refused("{}").await, one("url", "is required"));
    assert_eq!(
        refused(r#"{"url":5}"#).await,
        one("url", "must be a text, not 5")
    );
    assert_eq!(refused("[1]").await, one("[0]", "must be a text, not 1"));
    assert_eq!(refused("3").await, one("body", "must be an object, not 3"));
    assert_eq!(
        refused(r#"{"url":"x","rules":[{"percent":-1}]}"#).await,
        one(
            "rules[0].percent",
            "must be a whole number, 0 or more, not -1"
        )
    );
}

#[tokio::test]
async fn rules_are_all_told_at_once() {
    let errors = refused(r#"{"url":"","interval":-5,"rules":[{"percent":500}]}"#).await;
    let told: Vec<String> = errors
        .iter()
        .map(|(at, what)| format!("{at} {what}"))
        .collect();
    assert_eq!(
        told,
        [
            "interval must be at least 300",
            "rules[0].percent must be at most 100",
            "url must have a length of at least 1"
        ]
    );
}

#[tokio::test]
async fn what_is_not_json_is_a_400() {
    let json = Some("application/json");
    let malformed = post("{\"url\": ", json, StatusCode::BAD_REQUEST).await;
    assert!(
        malformed.detail.contains("line 1, column 8"),
        "{}",
        malformed.detail
    );
    let trailing = post("{\"url\":\"x\"} and more", json, StatusCode::BAD_REQUEST).await;
    assert!(
        trailing.detail.contains("trailing characters"),
        "{}",
        trailing.detail
    );
    let empty = post("", json, StatusCode::BAD_REQUEST).await;
    assert!(empty.detail.contains("is empty"), "{}", empty.detail);
    post(vec![b'"', 0xff, b'"'], json, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn another_content_type_is_a_415() {
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let problem = post("{}", content_type, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
        assert!(problem.detail.contains("Content-Type: application/json"));
    }
    let fits = Some("application/merge-patch+json; charset=utf-8");
    post("{}", fits, StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test]
async fn two_megabytes_are_a_413() {
    let body = format!("{{\"url\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let problem = post(
        body,
        Some("application/json"),
        StatusCode::PAYLOAD_TOO_LARGE,
    )
    .await;
    assert!(problem.detail.contains("1 MiB"), "{}", problem.detail);
}

#[tokio::test]
async fn a_good_body_passes() {
    let body = r#"{"url":"x","interval":300,"rules":[{"percent":5}]}"#;
    let request = request("POST", "/api/v1/bodies").header("content-type", "application/json");
    let response = send(&api().0, request.body(body.into()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, body);
}

async fn get(path: &str, status: StatusCode) -> Problem {
    init_telemetry();
    let bearer = format!("Bearer {}", token(http_kit::auth::Role::Viewer));
    let request = request("GET", path).header("authorization", bearer);
    let response = send(&api().0, request.body(Body::empty()).expect("a request")).await;
    problem(response, status).await
}

#[tokio::test]
async fn a_malformed_id_is_answered_like_an_unknown_one() {
    let unknown = get(
        &format!("/api/v1/products/{}", PRODUCT + 1),
        StatusCode::NOT_FOUND,
    )
    .await;
    for path in ["abc", "-1", "99999999999999999999999", "7%20", "%ff"] {
        let malformed = get(&format!("/api/v1/products/{path}"), StatusCode::NOT_FOUND).await;
        assert_eq!(
            (&malformed.detail, &malformed.title, &malformed.type_uri),
            (&unknown.detail, &unknown.title, &unknown.type_uri)
        );
    }
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    for (path, field) in [
        ("/api/v1/products?limit=500", "limit"),
        ("/api/v1/products?limit=-1", "limit"),
        ("/api/v1/products?q=x", "q"),
        ("/api/v1/history?points=many", "points"),
        ("/api/v1/history?points=1001", "points"),
        ("/api/v1/history?dots=3", "dots"),
        ("/api/v1/history?points=1&points=2", "points"),
    ] {
        let problem = get(path, unprocessable).await;
        assert_eq!(problem.errors.len(), 1, "{path}: {problem:?}");
        assert_eq!(problem.errors[0].field, field, "{path}: {problem:?}");
        assert_eq!(problem.instance.as_deref(), path.split('?').next());
    }
}

#[tokio::test]
async fn addresses_and_methods_that_do_not_exist_are_problems() {
    let nowhere = get("/api/v1/nothing", StatusCode::NOT_FOUND).await;
    assert!(nowhere.detail.contains("/api/docs"));
    let post_only = request("GET", "/api/v1/bodies")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(send(&api().0, post_only).await.headers()["allow"], "POST");
    let method = get("/api/v1/bodies", StatusCode::METHOD_NOT_ALLOWED).await;
    assert!(method.detail.contains("Allow"), "{}", method.detail);
}

#[tokio::test]
async fn defects_and_timeouts_tell_nothing_of_the_inside() {
    for path in ["/panic", "/broken"] {
        let problem = get(path, StatusCode::INTERNAL_SERVER_ERROR).await;
        let text = format!("{problem:?}");
        assert!(
            !text.contains("secret") && !text.contains("hunter2"),
            "{text}"
        );
    }
    let slow = get("/slow", StatusCode::GATEWAY_TIMEOUT).await;
    assert!(slow.detail.contains("0.3 s"), "{}", slow.detail);
}
