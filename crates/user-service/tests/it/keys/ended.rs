//! What ends in one process is refused in all.

use axum::http::{Method, StatusCode};
use sea_orm::sqlx;
use serde_json::{Value, json};

use super::running::{Running, becomes, until};
use crate::common::{Answer, Client, PASSWORD};

const PROFILE: &str = "/api/v1/auth/profile";
const TENANT: &str = "/api/v1/tenant";
const KEYS: &str = "/api/v1/api-keys";

async fn profile(client: &Client, token: &str) -> StatusCode {
    client.get(PROFILE, token).await.status
}

async fn make_key(client: &Client, token: &str, body: Value) -> Answer {
    let made = client.post(KEYS, token, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions_tokens_in_every_process() {
    let service = Running::start().await;
    let (second, other) = (service.second().await, service.other_service());
    let mine = service.register("acme").await.text("access_token");
    let stolen = service.login("owner@acme.example.com", PASSWORD).await;
    let stolen = stolen.text("access_token");
    for token in [&mine, &stolen] {
        assert_eq!(profile(&service, token).await, StatusCode::OK);
        assert_eq!(profile(&second, token).await, StatusCode::OK);
        becomes("a good token", StatusCode::OK, async || {
            other.who(token).await
        })
        .await;
    }
    let body = json!({ "new_password": "another horse battery", "current_password": PASSWORD });
    let changed = service
        .send(Method::PATCH, PROFILE, &mine, Some(body))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let gone = StatusCode::UNAUTHORIZED;
    becomes("here", gone, async || profile(&service, &stolen).await).await;
    becomes("a second process", gone, async || {
        profile(&second, &stolen).await
    })
    .await;
    becomes("another service", gone, async || other.who(&stolen).await).await;
    assert_eq!(profile(&service, &mine).await, StatusCode::OK);
    assert_eq!(other.who(&mine).await, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_access_tokens_too() {
    let service = Running::start().await;
    let tokens = service.register("acme").await;
    let token = tokens.text("access_token");
    assert_eq!(profile(&service, &token).await, StatusCode::OK);
    let out = service
        .send(Method::POST, "/api/v1/auth/logout", &token, None)
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let ask = async || profile(&service, &token).await;
    becomes("signed out", StatusCode::UNAUTHORIZED, ask).await;
    // One that nobody has seen before neither.
    let other = service.login("owner@acme.example.com", PASSWORD).await;
    service.refresh(&other.text("refresh_token")).await;
    service.refresh(&other.text("refresh_token")).await;
    let ask = async || profile(&service, &other.text("access_token")).await;
    becomes(
        "its refresh token was replayed",
        StatusCode::UNAUTHORIZED,
        ask,
    )
    .await;
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_the_whole_family() {
    let service = Running::start().await;
    let first = service.register("acme").await;
    let second = service.refresh(&first.text("refresh_token")).await;
    let third = service.refresh(&second.text("refresh_token")).await;
    assert_eq!(third.status, StatusCode::OK);
    assert_eq!(
        profile(&service, &third.text("access_token")).await,
        StatusCode::OK
    );
    let replayed = service.refresh(&first.text("refresh_token")).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    let newest = service.refresh(&third.text("refresh_token")).await;
    assert_eq!(newest.status, StatusCode::UNAUTHORIZED);
    for tokens in [&first, &second, &third] {
        let ask = async || profile(&service, &tokens.text("access_token")).await;
        becomes("of the family", StatusCode::UNAUTHORIZED, ask).await;
    }
}

#[tokio::test]
async fn another_role_counts_at_once_and_a_new_token_carries_it() {
    let service = Running::start().await;
    let other = service.other_service();
    let tokens = service.register("acme").await;
    let token = tokens.text("access_token");
    let admin = async || other.ask(Method::POST, "/admin", &token).await;
    becomes("an owner", StatusCode::OK, admin).await;

    let mut owner = service.owner().await;
    sqlx::raw_sql("update identity.membership set role = 'viewer'")
        .execute(&mut owner)
        .await
        .unwrap();
    becomes("a viewer", StatusCode::UNAUTHORIZED, admin).await;
    becomes("here", StatusCode::UNAUTHORIZED, async || {
        profile(&service, &token).await
    })
    .await;
    let renewed = service.refresh(&tokens.text("refresh_token")).await;
    let renewed = renewed.text("access_token");
    assert_eq!(other.who(&renewed).await, StatusCode::OK);
    let refused = other.ask(Method::POST, "/admin", &renewed).await;
    assert_eq!(refused, StatusCode::FORBIDDEN);

    sqlx::raw_sql("delete from identity.membership")
        .execute(&mut owner)
        .await
        .unwrap();
    let removed = async || other.who(&renewed).await;
    becomes("removed", StatusCode::UNAUTHORIZED, removed).await;
}

#[tokio::test]
async fn a_suspended_tenants_tokens_and_keys_are_refused_with_the_reason_until_it_is_resumed() {
    let service = Running::start().await;
    let other = service.other_service();
    let token = service.register("acme").await.text("access_token");
    let theirs = service.register("beta").await.text("access_token");
    let key = make_key(&service, &token, json!({ "name": "x", "scopes": ["read"] })).await;
    let key = key.text("key");
    for credential in [&token, &key] {
        becomes("active", StatusCode::OK, async || {
            other.who(credential).await
        })
        .await;
    }
    let set = async |status: &str| {
        let mut owner = service.owner().await;
        let update = "update identity.tenant set status = $1,
                          suspended_for = case $1 when 'suspended' then 'Bills are open.' end
                      where slug = 'acme'";
        sqlx::query(update)
            .bind(status)
            .execute(&mut owner)
            .await
            .unwrap();
    };
    set("suspended").await;
    for credential in [&token, &key] {
        becomes("there", StatusCode::FORBIDDEN, async || {
            other.who(credential).await
        })
        .await;
        let here = async || service.get(TENANT, credential).await.status;
        becomes("here", StatusCode::FORBIDDEN, here).await;
        let told = service.get(TENANT, credential).await.text("detail");
        assert!(told.contains("suspended"), "{told}");
    }
    assert_eq!(other.who(&theirs).await, StatusCode::OK);
    set("active").await;
    for credential in [&token, &key] {
        becomes("resumed", StatusCode::OK, async || {
            other.who(credential).await
        })
        .await;
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_in_every_process() {
    let service = Running::start().await;
    let (second, other) = (service.second().await, service.other_service());
    let token = service.register("acme").await.text("access_token");
    let made = make_key(&service, &token, json!({ "name": "x", "scopes": ["read"] })).await;
    let key = made.text("key");
    let there = async || second.get(TENANT, &key).await.status;
    assert_eq!(there().await, StatusCode::OK);
    becomes("a good key", StatusCode::OK, async || other.who(&key).await).await;
    let path = format!("{KEYS}/{}", made.text("id"));
    let revoked = service.send(Method::DELETE, &path, &token, None).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    becomes("a second process", StatusCode::UNAUTHORIZED, there).await;
    let elsewhere = async || other.who(&key).await;
    becomes("another service", StatusCode::UNAUTHORIZED, elsewhere).await;
}

#[tokio::test]
async fn uses_of_a_key_are_noted_by_whichever_service_it_was_used_at() {
    let service = Running::start().await;
    let other = service.other_service();
    let token = service.register("acme").await.text("access_token");
    let made = make_key(&service, &token, json!({ "name": "x", "scopes": ["read"] })).await;
    let listed = service.get(KEYS, &token).await;
    assert_eq!(listed.body["items"][0]["last_used_at"], Value::Null);
    for _ in 0..5 {
        let key = made.text("key");
        becomes("used", StatusCode::OK, async || other.who(&key).await).await;
    }
    until("its use is noted", async || {
        let listed = service.get(KEYS, &token).await;
        listed.body["items"][0]["last_used_at"].is_string()
    })
    .await;
}
