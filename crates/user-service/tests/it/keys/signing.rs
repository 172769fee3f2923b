//! The keys that sign access tokens change, and nobody is signed out.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use contracts::identity::v1::credentials_client::CredentialsClient;
use contracts::identity::v1::{ListSigningKeysRequest, RotateSigningKeyRequest, SigningKey};
use sea_orm::sqlx;
use serde_json::Value;

use super::running::{Running, becomes, until};
use crate::common::{PASSWORD, Service};

const PROFILE: &str = "/api/v1/auth/profile";

/// The key that a token names.
fn kid(token: &str) -> String {
    let head = token.split('.').next().unwrap();
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    head["kid"].as_str().unwrap().to_owned()
}

async fn published(service: &Service) -> Vec<String> {
    let set = service.get("/.well-known/jwks.json", "").await;
    let keys = set.body["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn client(service: &Service, token: &str) -> CredentialsClient<rpc::Channel> {
    CredentialsClient::new(service.channel(token))
}

async fn rotate(service: &Service, at_once: bool) -> SigningKey {
    let mut operator = client(service, "o");
    let answer = operator.rotate_signing_key(RotateSigningKeyRequest { at_once });
    answer.await.unwrap().into_inner().key.unwrap()
}

/// As if so much time had passed since keys were made and published.
async fn let_pass(service: &Service, time: TimeDelta) {
    let seconds = i32::try_from(time.num_seconds()).unwrap();
    let mut owner = service.owner().await;
    sqlx::query(
        "update identity.signing_key set created_at = created_at - make_interval(secs => $1),
                signs_from = signs_from - make_interval(secs => $1)",
    )
    .bind(f64::from(seconds))
    .execute(&mut owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_rotation_is_published_before_it_signs_and_signs_nobody_out() {
    let service = Running::start().await;
    let other = service.other_service();
    let before = service.register("acme").await;
    let token = before.text("access_token");
    becomes("before", StatusCode::OK, async || other.who(&token).await).await;

    let next = rotate(&service, false).await;
    assert!(!next.signs && next.signs_from_unix > Utc::now().timestamp() + 300);
    assert_eq!(
        rotate(&service, false).await.kid,
        next.kid,
        "it is on its way"
    );
    let told = "select count(*) from identity.outbox where kind = 'audit.recorded' and subject = 'rotate_signing_key'";
    let told: i64 = sqlx::query_scalar(told)
        .fetch_one(&mut service.owner().await)
        .await
        .unwrap();
    assert_eq!(told, 1, "the second changed nothing");
    until("the next key is published", async || {
        published(&service).await == [next.kid.clone(), kid(&token)]
    })
    .await;
    let login = async || service.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(kid(&login().await.text("access_token")), kid(&token));

    let_pass(&service, TimeDelta::minutes(11)).await;
    until("the next key signs", async || {
        kid(&login().await.text("access_token")) == next.kid
    })
    .await;
    assert_eq!(service.get(PROFILE, &token).await.status, StatusCode::OK);
    assert_eq!(other.who(&token).await, StatusCode::OK, "signed before");
    let after = service.refresh(&before.text("refresh_token")).await;
    assert_eq!(kid(&after.text("access_token")), next.kid);
    let renewed = async || other.who(&after.text("access_token")).await;
    becomes("renewed", StatusCode::OK, renewed).await;
}

#[tokio::test]
async fn keys_are_replaced_by_age_and_retire_when_their_last_token_is_over() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let keys = service.state.signing_keys();
    keys.look_after(Utc::now()).await.unwrap();
    assert_eq!(published(&service).await, [kid(&token)], "young");

    let age = TimeDelta::days(90);
    keys.look_after(Utc::now() + age).await.unwrap();
    let both = keys.known(Utc::now() + age).await.unwrap();
    assert_eq!(both.len(), 2);
    assert!(!both[0].signs && both[1].signs, "published first");
    // Its predecessor's tokens live 15 minutes from then on.
    let signing = both[0].signs_from;
    for (later, verifying) in [(TimeDelta::minutes(1), 2), (TimeDelta::minutes(16), 2)] {
        keys.look_after(signing + later).await.unwrap();
        let known = keys.known(signing + later).await.unwrap();
        assert_eq!(known.len(), verifying, "{later}");
        assert!(known[0].signs);
    }
    keys.look_after(signing + TimeDelta::minutes(31))
        .await
        .unwrap();
    let left = keys.known(signing + TimeDelta::minutes(31)).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].kid, both[0].kid);
    let mut owner = service.owner().await;
    let secrets: i64 = sqlx::query_scalar(
        "select count(*) from identity.signing_key where retired_at is not null and sealed_private <> ''",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(secrets, 0, "what is retired cannot sign again");
}

#[tokio::test]
async fn a_rotation_at_once_refuses_what_was_signed_before_and_refresh_tokens_go_on() {
    let service = Running::start().await;
    let other = service.other_service();
    let before = service.register("acme").await;
    let token = before.text("access_token");
    becomes("before", StatusCode::OK, async || other.who(&token).await).await;
    let next = rotate(&service, true).await;
    assert!(next.signs);
    becomes("there", StatusCode::UNAUTHORIZED, async || {
        other.who(&token).await
    })
    .await;
    let here = async || service.get(PROFILE, &token).await.status;
    becomes("here", StatusCode::UNAUTHORIZED, here).await;
    let after = service.refresh(&before.text("refresh_token")).await;
    let after = after.text("access_token");
    assert_eq!(kid(&after), next.kid);
    assert_eq!(service.get(PROFILE, &after).await.status, StatusCode::OK);
    becomes("renewed", StatusCode::OK, async || other.who(&after).await).await;
}

#[tokio::test]
async fn only_the_operator_rotates() {
    let service = Service::start().await;
    for token in ["u", "c", "r", "w"] {
        let mut caller = client(&service, token);
        let refused = caller
            .rotate_signing_key(RotateSigningKeyRequest { at_once: true })
            .await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
        let refused = caller.list_signing_keys(ListSigningKeysRequest {}).await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
    }
}
