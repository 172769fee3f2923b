use std::sync::atomic::Ordering;

use axum::{Router, body::Body};
use http::StatusCode;
use http_kit::auth::{Role, Scope};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use uuid::Uuid;

use crate::support::{
    FOREIGN, KEY_ID, SIGNING, api, claims, init_telemetry, key_text, problem, request, send, sign,
    text, token,
};

pub async fn call(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> StatusCode {
    init_telemetry();
    let mut request = request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = send(router, request.body(Body::empty()).expect("a request")).await;
    let status = response.status();
    if !status.is_success() {
        problem(response, status).await;
    }
    status
}

pub async fn with_token(router: &Router, token: &str) -> StatusCode {
    call(
        router,
        "GET",
        "/api/v1/who",
        &[("authorization", &format!("Bearer {token}"))],
    )
    .await
}

#[tokio::test]
async fn a_good_token_names_its_user() {
    let (router, identity) = api();
    let bearer = format!("Bearer {}", token(Role::Member));
    for _ in 0..3 {
        let request = request("GET", "/api/v1/who").header("authorization", &bearer);
        let response = send(&router, request.body(Body::empty()).expect("a request")).await;
        let text = text(response).await;
        assert!(
            text.contains("Member") && text.contains(&Uuid::from_u128(1).to_string()),
            "{text}"
        );
    }
    assert_eq!(
        identity.asked_for_jwks.load(Ordering::SeqCst),
        1,
        "keys are kept"
    );
}

#[tokio::test]
async fn no_credential_or_a_malformed_one_is_a_401_that_says_how() {
    let (router, _) = api();
    init_telemetry();
    let bare = request("GET", "/api/v1/who")
        .body(Body::empty())
        .expect("a request");
    let response = send(&router, bare).await;
    assert!(response.headers().contains_key("www-authenticate"));
    let answer = problem(response, StatusCode::UNAUTHORIZED).await;
    assert!(answer.detail.contains("X-API-Key"));
    for value in ["Basic abc", "Bearer", "Bearer ", "Bearer a.b.c", "token"] {
        let status = call(&router, "GET", "/api/v1/who", &[("authorization", value)]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{value}");
    }
    // Not in the address, where logs and histories keep it.
    let path = format!("/api/v1/who?access_token={}", token(Role::Owner));
    assert_eq!(
        call(&router, "GET", &path, &[]).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_refused() {
    let (router, _) = api();
    let good = claims(Role::Owner);
    let signed = |claims: &http_kit::auth::Claims| sign(claims, &SIGNING, Some(KEY_ID));
    assert_eq!(with_token(&router, &signed(&good)).await, StatusCode::OK);

    let mut wrong = Vec::new();
    let mut expired = good.clone();
    expired.exp = good.iat - 120;
    wrong.push(("expired", signed(&expired)));
    let mut issuer = good.clone();
    issuer.iss = "http://elsewhere".to_owned();
    wrong.push(("issuer", signed(&issuer)));
    let mut audience = good.clone();
    audience.aud = "another".to_owned();
    wrong.push(("audience", signed(&audience)));
    wrong.push(("foreign key", sign(&good, &FOREIGN, Some(KEY_ID))));
    wrong.push(("unknown key id", sign(&good, &SIGNING, Some("key-2"))));
    wrong.push(("no key id", sign(&good, &SIGNING, None)));
    let mut less = serde_json::to_value(&good).expect("JSON");
    less.as_object_mut().expect("an object").remove("tid");
    wrong.push(("no tenant", sign(&less, &SIGNING, Some(KEY_ID))));

    // The public key taken for a shared secret, and no signature at all.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(KEY_ID.to_owned());
    let shared = EncodingKey::from_secret(b"public");
    wrong.push(("HS256", encode(&header, &good, &shared).expect("signed")));
    let token = signed(&good);
    let (_, rest) = token.split_once('.').expect("three parts");
    let (body, _) = rest.split_once('.').expect("three parts");
    // {"alg":"none","kid":"key-1"}
    let none = "eyJhbGciOiJub25lIiwia2lkIjoia2V5LTEifQ";
    wrong.push(("none", format!("{none}.{body}.")));

    for (what, token) in wrong {
        assert_eq!(
            with_token(&router, &token).await,
            StatusCode::UNAUTHORIZED,
            "{what}"
        );
    }
}

#[tokio::test]
async fn forged_key_ids_do_not_drive_requests_to_the_identity_service() {
    let (router, identity) = api();
    for n in 0..20 {
        let token = sign(&claims(Role::Owner), &FOREIGN, Some(&format!("forged-{n}")));
        assert_eq!(with_token(&router, &token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(identity.asked_for_jwks.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn api_keys_work_until_they_end_and_are_asked_for_once() {
    let (router, identity) = api();
    let who = "/api/v1/who";
    let key = identity.add_key(&[Scope::Read], None);
    for _ in 0..3 {
        assert_eq!(
            call(&router, "GET", who, &[("x-api-key", &key)]).await,
            StatusCode::OK
        );
    }
    assert_eq!(identity.asked_for_keys.load(Ordering::SeqCst), 1);
    let ended = identity.add_key(&[Scope::Read], Some(-1));
    let (unknown, mut mistyped) = (key_text(), key);
    mistyped.replace_range(10..11, if &mistyped[10..11] == "x" { "y" } else { "x" });
    for bad in [
        &ended,
        &unknown,
        &mistyped,
        "bw_live_unknown",
        "another",
        "",
    ] {
        let status = call(&router, "GET", who, &[("x-api-key", bad)]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{bad}");
    }
    assert_eq!(
        identity.asked_for_keys.load(Ordering::SeqCst),
        3,
        "what cannot be a key is not asked for"
    );
}

#[tokio::test]
async fn an_identity_service_that_is_away_is_a_503_and_known_keys_go_on() {
    let (router, identity) = api();
    let good = token(Role::Owner);
    identity.away.store(true, Ordering::SeqCst);
    assert_eq!(
        with_token(&router, &good).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    identity.away.store(false, Ordering::SeqCst);
    assert_eq!(with_token(&router, &good).await, StatusCode::OK);
    identity.away.store(true, Ordering::SeqCst);
    assert_eq!(with_token(&router, &good).await, StatusCode::OK);
}

#[tokio::test]
async fn permissions_follow_roles_and_scopes() {
    let (router, identity) = api();
    let addresses = ["/api/v1/write", "/api/v1/crawl", "/api/v1/admin"];
    for (role, allowed) in [
        (Role::Owner, [true, true, true]),
        (Role::Admin, [true, true, true]),
        (Role::Member, [true, true, false]),
        (Role::Viewer, [false, false, false]),
    ] {
        let bearer = format!("Bearer {}", token(role));
        for (path, allowed) in addresses.into_iter().zip(allowed) {
            let status = call(&router, "POST", path, &[("authorization", &bearer)]).await;
            let expected = if allowed {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(status, expected, "{role:?} {path}");
        }
    }
    for (scope, allowed) in [
        (Scope::Read, [false, false, false]),
        (Scope::Write, [true, false, false]),
        (Scope::Crawl, [false, true, false]),
        (Scope::Admin, [true, true, true]),
    ] {
        let key = identity.add_key(&[scope], None);
        for (path, allowed) in addresses.into_iter().zip(allowed) {
            let status = call(&router, "POST", path, &[("x-api-key", &key)]).await;
            let expected = if allowed {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(status, expected, "{scope:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_host_that_names_another_tenant_is_a_403() {
    let (router, _) = api();
    let bearer = format!("Bearer {}", token(Role::Owner));
    for (host, expected) in [
        ("localhost:8080", StatusCode::OK),
        ("acme.localhost:8080", StatusCode::OK),
        ("ACME.localhost", StatusCode::OK),
        ("other.localhost:8080", StatusCode::FORBIDDEN),
        ("acme.elsewhere.example", StatusCode::OK),
    ] {
        let headers = [("authorization", bearer.as_str()), ("host", host)];
        assert_eq!(
            call(&router, "GET", "/api/v1/who", &headers).await,
            expected,
            "{host}"
        );
    }
    let address = "http://other.localhost/api/v1/who";
    let status = call(&router, "GET", address, &[("authorization", &bearer)]).await;
    assert_eq!(
        status,
        StatusCode::FORBIDDEN,
        "HTTP/2 names the host in the address"
    );
}
