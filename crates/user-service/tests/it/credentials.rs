//! API keys and access tokens: what works, what is refused, and who may ask.

use axum::http::{Method, StatusCode};
use chrono::Utc;
use contracts::identity::v1::identity_client::IdentityClient;
use contracts::identity::v1::{GetJwksRequest, GetPlanLimitsRequest, VerifyApiKeyRequest};
use http_kit::auth::{Claims, Role, Scope};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use user_service::operator::issue_api_key;
use uuid::Uuid;

use crate::common::{ISSUER, Service, fields};

const KEYS: &str = "/api/v1/api-keys";

fn grpc(service: &Service, token: &str) -> IdentityClient<rpc::Channel> {
    IdentityClient::new(service.channel(token))
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_revoked() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let created = service
        .post(
            KEYS,
            &token,
            json!({ "name": "export", "scopes": ["write", "read"] }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let (id, key) = (created.text("id"), created.text("key"));
    assert!(
        key.starts_with(&created.text("prefix")) && key.starts_with("bw_live_"),
        "{key}"
    );
    assert_eq!(created.body["scopes"], json!(["read", "write"]));

    let tenant = service.get("/api/v1/tenant", &key).await;
    assert_eq!(
        (tenant.status, &tenant.body["slug"]),
        (StatusCode::OK, &json!("acme"))
    );
    let listed = service.get(KEYS, &token).await;
    assert_eq!(listed.body["items"][0]["id"], id);
    assert!(!listed.body.to_string().contains(&key), "never shown again");

    let mut identity = grpc(&service, "c");
    let digest = secrets::sha256(&key).to_vec();
    let ask = VerifyApiKeyRequest { key_sha256: digest };
    let found = identity
        .verify_api_key(ask.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(found.found);
    assert_eq!(
        (found.tenant_slug, found.key_id, found.scopes),
        (
            "acme".to_owned(),
            id.clone(),
            vec!["read".to_owned(), "write".to_owned()]
        )
    );
    assert_eq!(found.expires_at_unix, 0);

    let path = format!("{KEYS}/{id}");
    let delete = async || service.send(Method::DELETE, &path, &token, None).await;
    assert_eq!(delete().await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        delete().await.status,
        StatusCode::NOT_FOUND,
        "revoked already"
    );
    let ended = identity.verify_api_key(ask).await.unwrap().into_inner();
    assert!(!ended.found && ended.ended, "{ended:?}");
    assert_eq!(ended.key_id, id, "so that its use can be told");
    assert_eq!(service.get(KEYS, &token).await.body["items"], json!([]));
}

#[tokio::test]
async fn a_key_that_was_never_seen_before_its_revocation_is_refused() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let created = service
        .post(KEYS, &token, json!({ "name": "x", "scopes": ["read"] }))
        .await;
    let path = format!("{KEYS}/{}", created.text("id"));
    service.send(Method::DELETE, &path, &token, None).await;
    let refused = service.get("/api/v1/tenant", &created.text("key")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_makes_a_key_that_can_do_more_than_they_can() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let member = service
        .post(
            KEYS,
            &token,
            json!({ "name": "reader", "scopes": ["read", "write", "crawl"] }),
        )
        .await;
    let refused = service
        .post(
            KEYS,
            &member.text("key"),
            json!({ "name": "x", "scopes": ["read"] }),
        )
        .await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "managing keys needs admin"
    );
    let admin = service
        .post(
            KEYS,
            &token,
            json!({ "name": "admin", "scopes": ["admin"] }),
        )
        .await;
    let made = service
        .post(
            KEYS,
            &admin.text("key"),
            json!({ "name": "x", "scopes": ["crawl"] }),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);

    let none = service
        .post(KEYS, &token, json!({ "name": "", "scopes": [] }))
        .await;
    assert_eq!(
        (none.status, fields(&none.body).len()),
        (StatusCode::UNPROCESSABLE_ENTITY, 2)
    );
    let past = json!({ "name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z" });
    let past = service.post(KEYS, &token, past).await;
    assert_eq!(fields(&past.body), ["expires_at"]);
}

#[tokio::test]
async fn no_key_makes_one_that_lasts_longer_or_works_from_more_places() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let ends = Utc::now() + chrono::TimeDelta::days(30);
    let make = async |by: &str, expires_at: Value, networks: Value| {
        let body = json!({ "name": "x", "scopes": ["admin"], "expires_at": expires_at,
            "allowed_addresses": networks });
        service.post(KEYS, by, body).await
    };
    // A request of these tests comes over no socket, which counts as 0.0.0.0.
    let held = make(&token, json!(ends), json!(["0.0.0.0/24", "203.0.113.0/24"])).await;
    let key = held.text("key");
    let later = json!(ends + chrono::TimeDelta::seconds(1));
    for (expires_at, networks, field) in [
        (json!(null), json!(["0.0.0.0"]), "expires_at"),
        (later, json!(["0.0.0.0"]), "expires_at"),
        (json!(ends), json!([]), "allowed_addresses"),
        (json!(ends), json!(["0.0.0.0/8"]), "allowed_addresses"),
    ] {
        let refused = make(&key, expires_at, networks).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(fields(&refused.body), [field], "{}", refused.body);
    }
    let made = make(&key, json!(ends), json!(["203.0.113.9"])).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);

    let free = make(&token, json!(null), json!([])).await;
    let rotate = async |id: String| {
        let path = format!("{KEYS}/{id}/rotate");
        service.post(&path, &key, json!({})).await
    };
    let refused = rotate(free.text("id")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let own = rotate(held.text("id")).await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.body);
    for field in ["expires_at", "allowed_addresses"] {
        assert_eq!(own.body[field], held.body[field], "{field}");
    }
}

#[tokio::test]
async fn a_repeated_create_answers_with_the_same_key() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let create = async |name: &str| {
        let body = Some(json!({ "name": name, "scopes": ["read"] }));
        service
            .send_with(
                Method::POST,
                KEYS,
                &token,
                body,
                &[("idempotency-key", "once")],
            )
            .await
    };
    let (first, again) = (create("a").await, create("a").await);
    assert_eq!(
        (first.status, again.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(first.text("key"), again.text("key"));
    assert_eq!(create("b").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        service.get(KEYS, &token).await.body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn lists_go_on_where_the_page_before_ended() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    for name in ["a", "b", "c"] {
        service
            .post(KEYS, &token, json!({ "name": name, "scopes": ["read"] }))
            .await;
    }
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|key| key["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = service.get(&format!("{KEYS}?limit=2"), &token).await;
    assert_eq!(names(&first.body), ["c", "b"]);
    let rest = format!("{KEYS}?limit=2&cursor={}", first.text("next_cursor"));
    let rest = service.get(&rest, &token).await;
    assert_eq!(names(&rest.body), ["a"]);
    assert_eq!(rest.body["next_cursor"], Value::Null);
}

#[tokio::test]
async fn forged_and_foreign_access_tokens_are_refused() {
    let service = Service::start().await;
    let good = service.register("acme").await.text("access_token");
    let jwks = service.get("/.well-known/jwks.json", "").await.body;
    let configuration = service
        .get("/.well-known/openid-configuration", "")
        .await
        .body;
    assert_eq!(configuration["issuer"], ISSUER);
    assert_eq!(
        configuration["jwks_uri"],
        format!("{ISSUER}/.well-known/jwks.json")
    );
    let kid = jwks["keys"][0]["kid"].as_str().unwrap();
    let ask = async |token: &str| service.get("/api/v1/auth/profile", token).await.status;
    assert_eq!(ask(&good).await, StatusCode::OK);

    let now = Utc::now().timestamp();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: "bellwether".to_owned(),
        sub: Uuid::now_v7(),
        tid: Uuid::now_v7(),
        tsl: "acme".to_owned(),
        role: Role::Owner,
        sid: Uuid::now_v7(),
        iat: now,
        exp: now + 900,
        jti: Uuid::now_v7(),
    };
    // HS256 with what everybody knows, the public key, as the secret.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(kid.to_owned());
    for secret in [
        jwks["keys"][0]["n"].as_str().unwrap().to_owned(),
        jwks["keys"][0].to_string(),
    ] {
        let forged = encode(
            &header,
            &claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap();
        assert_eq!(ask(&forged).await, StatusCode::UNAUTHORIZED);
        // The same signature under a header that claims the right algorithm.
        let (_, rest) = forged.split_once('.').unwrap();
        let (real_header, _) = good.split_once('.').unwrap();
        assert_eq!(
            ask(&format!("{real_header}.{rest}")).await,
            StatusCode::UNAUTHORIZED
        );
    }
    // No algorithm at all, with and without a signature.
    use base64::Engine as _;
    let encoded =
        |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let head = encoded(&json!({ "alg": "none", "typ": "JWT", "kid": kid }));
    let body = good.split('.').nth(1).unwrap();
    let signature = good.split('.').nth(2).unwrap();
    for forged in [
        format!("{head}.{body}."),
        format!("{head}.{body}.{signature}"),
        format!("{head}.{body}"),
    ] {
        assert_eq!(ask(&forged).await, StatusCode::UNAUTHORIZED);
    }
    // A changed claim.
    let changed = encoded(&serde_json::to_value(&claims).unwrap());
    let (head, _) = good.split_once('.').unwrap();
    assert_eq!(
        ask(&format!("{head}.{changed}.{signature}")).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn only_services_with_business_here_may_ask() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let tenant_id = service.get("/api/v1/tenant", &token).await.text("id");
    let mut worker = grpc(&service, "w");
    let refused = worker
        .verify_api_key(VerifyApiKeyRequest {
            key_sha256: vec![0; 32],
        })
        .await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
    let refused = worker.get_jwks(GetJwksRequest {}).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
    let mut nobody = grpc(&service, "x");
    let refused = nobody.get_jwks(GetJwksRequest {}).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::Unauthenticated);

    let mut core = grpc(&service, "c");
    let jwks = core.get_jwks(GetJwksRequest {}).await.unwrap().into_inner();
    let public: Value = serde_json::from_str(&jwks.jwks_json).unwrap();
    assert_eq!(public, service.get("/.well-known/jwks.json", "").await.body);
    let limits = core
        .get_plan_limits(GetPlanLimitsRequest { tenant_id })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (limits.plan.as_str(), limits.tracked_products),
        ("free", 50)
    );
    assert_eq!(limits.time_zone, "UTC");
    for tenant_id in [Uuid::now_v7().to_string(), "nonsense".to_owned()] {
        let unknown = core
            .get_plan_limits(GetPlanLimitsRequest { tenant_id })
            .await;
        assert_eq!(unknown.unwrap_err().code(), tonic::Code::NotFound);
    }
}

#[tokio::test]
async fn an_operators_key_takes_the_place_of_the_one_before() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let tenant_id = service
        .get("/api/v1/tenant", &token)
        .await
        .text("id")
        .parse()
        .unwrap();
    let issue = || {
        issue_api_key(
            &service.state,
            tenant_id,
            "demo",
            &[Scope::Read, Scope::Crawl],
        )
    };
    let (old, new) = (issue().await.unwrap(), issue().await.unwrap());
    assert_eq!(
        service.get("/api/v1/tenant", &old).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        service.get("/api/v1/tenant", &new).await.status,
        StatusCode::OK
    );
}
