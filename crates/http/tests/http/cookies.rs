//! The page's cookies.

use http::StatusCode;
use http_kit::auth::Role;

use crate::{
    auth::call,
    support::{api, problem, request, send, token},
};

const HOST: (&str, &str) = ("host", "acme.localhost:8080");

#[tokio::test]
async fn a_cookie_is_a_credential_for_reads_from_anywhere_and_for_changes_from_its_own_pages() {
    let (router, _) = api();
    let cookie = format!("theme=dark; __Host-bw_access={}", token(Role::Owner));
    let cookie = ("cookie", cookie.as_str());
    let status = async |method, path, more: &[(&str, &str)]| {
        let headers: Vec<_> = [HOST, cookie].iter().chain(more).copied().collect();
        call(&router, method, path, &headers).await
    };
    assert_eq!(status("GET", "/api/v1/who", &[]).await, StatusCode::OK);
    for (more, expected) in [
        (("sec-fetch-site", "same-origin"), StatusCode::OK),
        (("origin", "http://acme.localhost:8080"), StatusCode::OK),
        (("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
        (("sec-fetch-site", "same-site"), StatusCode::FORBIDDEN),
        (
            ("origin", "http://beta.localhost:8080"),
            StatusCode::FORBIDDEN,
        ),
        (
            ("referer", "http://acme.localhost:8080/"),
            StatusCode::FORBIDDEN,
        ),
    ] {
        let found = status("POST", "/api/v1/write", &[more]).await;
        assert_eq!(found, expected, "{more:?}");
    }
}

#[tokio::test]
async fn another_sites_request_is_told_so_by_its_code() {
    let (router, _) = api();
    let request = request("POST", "/api/v1/write")
        .header("cookie", format!("__Host-bw_access={}", token(Role::Owner)))
        .header("sec-fetch-site", "cross-site");
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let answer = problem(send(&router, request).await, StatusCode::FORBIDDEN).await;
    assert!(
        answer.type_uri.ends_with("#cross-site"),
        "{}",
        answer.type_uri
    );
}

#[tokio::test]
async fn programs_are_not_asked_where_they_come_from() {
    let (router, identity) = api();
    let bearer = format!("Bearer {}", token(Role::Owner));
    let key = identity.add_key(&[http_kit::auth::Scope::Write], None);
    // A header of its own is sent on purpose, so it outweighs a cookie, too.
    for credential in [("authorization", bearer.as_str()), ("x-api-key", &key)] {
        for more in [
            ("sec-fetch-site", "cross-site"),
            ("cookie", "__Host-bw_access=x"),
        ] {
            let status = call(&router, "POST", "/api/v1/write", &[credential, more]).await;
            assert_eq!(status, StatusCode::OK, "{credential:?} {more:?}");
        }
    }
}

#[tokio::test]
async fn a_cookie_must_be_as_good_as_any_token_and_of_the_hosts_tenant() {
    let (router, _) = api();
    let good = format!("__Host-bw_access={}", token(Role::Owner));
    for (cookie, host, expected) in [
        (good.as_str(), "acme.localhost", StatusCode::OK),
        (&good, "beta.localhost", StatusCode::FORBIDDEN),
        (
            "__Host-bw_access=a.b.c",
            "acme.localhost",
            StatusCode::UNAUTHORIZED,
        ),
        ("bw_access=x", "acme.localhost", StatusCode::UNAUTHORIZED),
        (
            "__Host-bw_access=",
            "acme.localhost",
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let headers = [("cookie", cookie), ("host", host)];
        let status = call(&router, "GET", "/api/v1/who", &headers).await;
        assert_eq!(status, expected, "{cookie} {host}");
    }
}
