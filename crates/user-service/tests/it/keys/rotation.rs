//! Replacing keys, and where they may be used from.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::running::{Running, becomes};
use crate::common::{Service, fields};

const KEYS: &str = "/api/v1/api-keys";
const TENANT: &str = "/api/v1/tenant";

#[tokio::test]
async fn a_rotated_key_and_its_successor_both_work_for_the_overlap() {
    let service = Running::start().await;
    let token = service.register("acme").await.text("access_token");
    let body = json!({ "name": "export", "scopes": ["read", "crawl"], "allowed_addresses": ["0.0.0.0/0"] });
    let old = service.post(KEYS, &token, body).await;
    let rotate = format!("{KEYS}/{}/rotate", old.text("id"));
    let new = service.send(Method::POST, &rotate, &token, None).await;
    assert_eq!(new.status, StatusCode::CREATED, "{}", new.body);
    assert_ne!(new.text("key"), old.text("key"));
    for field in ["name", "scopes", "allowed_addresses", "expires_at"] {
        assert_eq!(new.body[field], old.body[field], "{field}");
    }
    for key in [&old, &new] {
        let ask = async || service.get(TENANT, &key.text("key")).await.status;
        becomes("in the overlap", StatusCode::OK, ask).await;
    }
    let listed = service.get(KEYS, &token).await;
    let listed = listed.body["items"].as_array().unwrap().clone();
    let row = |id: &str| listed.iter().find(|row| row["id"] == id).unwrap().clone();
    assert_eq!(row(&old.text("id"))["rotated_to"], new.text("id"));
    assert!(row(&old.text("id"))["expires_at"].is_string());
    assert_eq!(row(&new.text("id"))["expires_at"], Value::Null);

    let again = service.send(Method::POST, &rotate, &token, None).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it has a successor");
    assert_eq!(again.text("rotated_to"), new.text("id"));

    // Without an overlap it ends at once, although it was believed a moment ago.
    let rotate = format!("{KEYS}/{}/rotate", new.text("id"));
    let body = json!({ "overlap_seconds": 0 });
    let newest = service.post(&rotate, &token, body).await;
    let ask = async || service.get(TENANT, &new.text("key")).await.status;
    becomes("ended", StatusCode::UNAUTHORIZED, ask).await;
    let ask = async || service.get(TENANT, &newest.text("key")).await.status;
    becomes("the newest", StatusCode::OK, ask).await;
}

#[tokio::test]
async fn a_key_made_for_a_time_is_followed_by_one_for_as_long() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let ends = chrono::Utc::now() + chrono::TimeDelta::days(30);
    let body = json!({ "name": "x", "scopes": ["read"], "expires_at": ends });
    let old = service.post(KEYS, &token, body).await;
    let rotate = format!("{KEYS}/{}/rotate", old.text("id"));
    let new = service.post(&rotate, &token, json!({})).await;
    assert_eq!(new.status, StatusCode::CREATED, "{}", new.body);
    let at = |text: String| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!(at(new.text("expires_at")) > ends - chrono::TimeDelta::seconds(1));
    let listed = service.get(KEYS, &token).await;
    let items = listed.body["items"].as_array().unwrap();
    let row = items
        .iter()
        .find(|row| row["id"] == old.text("id"))
        .unwrap();
    let left = at(row["expires_at"].as_str().unwrap().to_owned()) - chrono::Utc::now();
    assert!(
        left <= chrono::TimeDelta::days(1),
        "not longer than the overlap"
    );
}

#[tokio::test]
async fn rotating_is_for_the_tenants_own_admins_and_once_for_a_repeated_request() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let theirs = service.register("beta").await.text("access_token");
    let old = service
        .post(KEYS, &token, json!({ "name": "x", "scopes": ["read"] }))
        .await;
    let rotate = format!("{KEYS}/{}/rotate", old.text("id"));
    let ask = async |credential: &str| {
        let headers = [("idempotency-key", "once")];
        let body = Some(json!({ "overlap_seconds": 60 }));
        service
            .send_with(Method::POST, &rotate, credential, body, &headers)
            .await
    };
    assert_eq!(ask(&theirs).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&old.text("key")).await.status, StatusCode::FORBIDDEN);
    let (first, again) = (ask(&token).await, ask(&token).await);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(first.text("key"), again.text("key"));
    let too_long = json!({ "overlap_seconds": 2_592_001 });
    let refused = service.post(&rotate, &token, too_long).await;
    assert_eq!(fields(&refused.body), ["overlap_seconds"]);
    let path = format!("{KEYS}/{}", old.text("id"));
    service.send(Method::DELETE, &path, &token, None).await;
    assert_eq!(
        service.post(&rotate, &token, json!({})).await.status,
        StatusCode::NOT_FOUND,
        "revoked"
    );
}

#[tokio::test]
async fn a_key_from_an_address_off_its_list_is_refused() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    // A request of these tests comes over no socket, which counts as 0.0.0.0.
    for (list, expected) in [
        (json!(["203.0.113.0/24"]), StatusCode::FORBIDDEN),
        (json!(["203.0.113.0/24", "0.0.0.0"]), StatusCode::OK),
        (json!([]), StatusCode::OK),
    ] {
        let body = json!({ "name": "x", "scopes": ["read"], "allowed_addresses": list });
        let made = service.post(KEYS, &token, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let asked = service.get(TENANT, &made.text("key")).await;
        assert_eq!(asked.status, expected, "{list}");
        if expected == StatusCode::FORBIDDEN {
            assert!(
                asked.text("detail").contains("from 0.0.0.0"),
                "{}",
                asked.body
            );
        }
    }
    let body = json!({ "name": "x", "scopes": ["read"], "allowed_addresses": ["203.0.113.9/24", "office"] });
    let refused = service.post(KEYS, &token, body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&refused.body), ["allowed_addresses"]);
    let body = json!({ "name": "x", "scopes": ["read"], "allowed_addresses": ["203.0.113.9/24"] });
    let levelled = service.post(KEYS, &token, body).await;
    assert_eq!(
        levelled.body["allowed_addresses"],
        json!(["203.0.113.0/24"])
    );
}
