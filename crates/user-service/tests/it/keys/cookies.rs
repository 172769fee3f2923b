//! The page signs in, goes on and signs out without ever seeing a token.

use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{Answer, PASSWORD, Service, fields, registration};

const PAGE: (&str, &str) = ("x-bellwether-page", "1");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// The cookies that an answer sets, as a browser sends them; those removed are left out.
fn jar(answer: &Answer) -> String {
    let set = answer.headers.get_all(SET_COOKIE).iter();
    let pairs = set.filter_map(|cookie| {
        let text = cookie.to_str().unwrap();
        for attribute in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
            assert!(text.contains(attribute), "{text}");
        }
        let pair = text.split(';').next().unwrap();
        (!text.contains("Max-Age=0")).then(|| pair.to_owned())
    });
    pairs.collect::<Vec<_>>().join("; ")
}

async fn ask(
    service: &Service,
    method: Method,
    path: &str,
    body: Option<Value>,
    headers: &[(&str, &str)],
) -> Answer {
    service.send_with(method, path, "", body, headers).await
}

async fn sign_in(service: &Service) -> String {
    let path = "/api/v1/auth/register";
    let body = Some(registration("acme"));
    let answer = ask(service, Method::POST, path, body, &[PAGE]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(
        answer.body,
        json!({ "expires_in": 900 }),
        "no token in sight"
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    jar(&answer)
}

#[tokio::test]
async fn cookies_sign_in_go_on_and_sign_out() {
    let service = Service::start().await;
    let jar_of_registration = sign_in(&service).await;
    assert!(
        jar_of_registration.starts_with("__Host-bw_access="),
        "{jar_of_registration}"
    );
    let profile = async |jar: &str| {
        let path = "/api/v1/auth/profile";
        ask(&service, Method::GET, path, None, &[("cookie", jar)]).await
    };
    assert_eq!(profile(&jar_of_registration).await.status, StatusCode::OK);

    let body = Some(json!({ "email": "owner@acme.example.com", "password": PASSWORD }));
    let path = "/api/v1/auth/login";
    let login = ask(&service, Method::POST, path, body, &[PAGE]).await;
    let first = jar(&login);
    assert_eq!(profile(&first).await.status, StatusCode::OK);

    let refresh = async |jar: &str| {
        let headers = [PAGE, SAME, ("cookie", jar)];
        ask(
            &service,
            Method::POST,
            "/api/v1/auth/refresh",
            None,
            &headers,
        )
        .await
    };
    let renewed = refresh(&first).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    let second = jar(&renewed);
    assert_ne!(second, first);
    assert_eq!(profile(&second).await.status, StatusCode::OK);

    let headers = [SAME, ("cookie", second.as_str())];
    let out = ask(
        &service,
        Method::POST,
        "/api/v1/auth/logout",
        None,
        &headers,
    )
    .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(jar(&out), "", "both are removed");
    assert_eq!(out.headers.get_all(SET_COOKIE).iter().count(), 2);
    let over = refresh(&second).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        over.headers.get_all(SET_COOKIE).iter().count(),
        2,
        "nor kept"
    );
}

#[tokio::test]
async fn another_sites_requests_with_cookies_are_refused() {
    let service = Service::start().await;
    let jar = sign_in(&service).await;
    let body = || Some(json!({ "name": "Renamed" }));
    let host = ("host", "acme.localhost:8080");
    let rename = async |more: &[(&str, &str)]| {
        let headers: Vec<_> = [host, ("cookie", jar.as_str())]
            .iter()
            .chain(more)
            .copied()
            .collect();
        ask(&service, Method::PATCH, "/api/v1/tenant", body(), &headers).await
    };
    for more in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("x-bellwether-page", "1"),
    ] {
        let refused = rename(&[more]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{more:?}");
        let kind = refused.text("type");
        assert!(kind.ends_with("#cross-site"), "{kind}");
    }
    for more in [SAME, ("origin", "http://acme.localhost:8080")] {
        assert_eq!(rename(&[more]).await.status, StatusCode::OK, "{more:?}");
    }
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        let headers = [
            PAGE,
            ("sec-fetch-site", "cross-site"),
            ("cookie", jar.as_str()),
        ];
        let refused = ask(&service, Method::POST, path, None, &headers).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    // Nothing of it happened.
    assert_eq!(rename(&[SAME]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn programs_get_and_send_tokens_as_before() {
    let service = Service::start().await;
    let tokens = service.register("acme").await;
    assert!(tokens.headers.get(SET_COOKIE).is_none());
    let token = tokens.text("access_token");
    let path = "/api/v1/tenant";
    let body = Some(json!({ "name": "Renamed" }));
    let headers = [("sec-fetch-site", "cross-site")];
    let changed = service
        .send_with(Method::PATCH, path, &token, body, &headers)
        .await;
    assert_eq!(
        changed.status,
        StatusCode::OK,
        "a Bearer says itself who asks"
    );
    let renewed = service.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert!(renewed.headers.get(SET_COOKIE).is_none());
    let nothing = ask(&service, Method::POST, "/api/v1/auth/refresh", None, &[]).await;
    assert_eq!(fields(&nothing.body), ["refresh_token"]);
}

#[tokio::test]
async fn a_page_that_goes_on_in_another_tenant_leaves_no_session_behind() {
    let service = Service::start().await;
    let email = "both@example.com";
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", email, PASSWORD);
        ensured.await.unwrap();
    }
    let credentials = json!({ "email": email, "password": PASSWORD, "slug": "one" });
    let path = "/api/v1/auth/login";
    let login = ask(
        &service,
        Method::POST,
        path,
        Some(credentials.clone()),
        &[PAGE],
    )
    .await;
    let first = jar(&login);
    let program = service.post(path, "", credentials).await;
    let path = "/api/v1/auth/switch";
    let to_two = json!({ "slug": "two" });
    let headers = [PAGE, SAME, ("cookie", &first)];
    let switched = ask(&service, Method::POST, path, Some(to_two.clone()), &headers).await;
    assert_eq!(switched.status, StatusCode::OK, "{}", switched.body);
    let path = "/api/v1/auth/refresh";
    let headers = [PAGE, SAME, ("cookie", &first)];
    let left = ask(&service, Method::POST, path, None, &headers).await;
    assert_eq!(left.status, StatusCode::UNAUTHORIZED);
    let second = jar(&switched);
    let headers = [PAGE, SAME, ("cookie", &second)];
    let goes_on = ask(&service, Method::POST, path, None, &headers).await;
    assert_eq!(goes_on.status, StatusCode::OK, "{}", goes_on.body);

    // A program keeps both, whatever it calls itself.
    let token = program.text("access_token");
    let body = Some(to_two);
    let path = "/api/v1/auth/switch";
    let beside = service
        .send_with(Method::POST, path, &token, body, &[PAGE])
        .await;
    assert_eq!(beside.status, StatusCode::OK, "{}", beside.body);
    let refresh = service.refresh(&program.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::OK, "{}", refresh.body);
}
