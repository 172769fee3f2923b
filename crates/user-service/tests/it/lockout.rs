//! Whoever guesses is slowed; whoever is guessed at is not.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;

use crate::common::{Answer, Client, PASSWORD, Service, wire};

const EMAIL: &str = "owner@acme.example.com";
const HOME: &str = "192.0.2.1";

async fn guess(client: &Client) -> Answer {
    client.login(EMAIL, "wrong password").await
}

fn is_slowed(answer: &Answer) -> bool {
    let wait = answer.headers.get("retry-after");
    let slowed = answer.status == StatusCode::TOO_MANY_REQUESTS;
    assert_eq!(slowed, wait.is_some());
    slowed
}

#[tokio::test]
async fn strangers_from_many_places_are_slowed_and_the_owner_at_home_is_not() {
    let service = Service::start().await;
    service.at(HOME).register("acme").await;

    let mut slowed = 0;
    for n in 0..60 {
        let stranger = service.at(&format!("198.51.100.{n}"));
        slowed += usize::from(is_slowed(&guess(&stranger).await));
    }
    assert_eq!(slowed, 40, "twenty guesses from unknown places together");
    let lucky = service.at("198.51.100.200").login(EMAIL, PASSWORD).await;
    assert!(is_slowed(&lucky), "not even with the right password");

    let home = service.at(HOME).login(EMAIL, PASSWORD).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.body);
}

#[tokio::test]
async fn guesses_at_once_are_as_many_as_guesses_in_a_row() {
    let service = Service::start().await;
    service.at(HOME).register("acme").await;
    let stranger = service.at("198.51.100.7");
    let answers = join_all((0..20).map(|_| guess(&stranger))).await;
    let through = answers.iter().filter(|answer| !is_slowed(answer)).count();
    assert_eq!(through, 5, "of one place for one account");

    let answers = join_all((0..20).map(|_| {
        let home = service.at(HOME);
        async move { guess(&home).await }
    }))
    .await;
    let through = answers.iter().filter(|answer| !is_slowed(answer)).count();
    assert_eq!(through, 10, "a place that is known has more, of its own");
}

#[tokio::test]
async fn an_unknown_account_is_slowed_like_a_known_one() {
    let service = Service::start().await;
    service.at(HOME).register("acme").await;
    let stranger = service.at("198.51.100.7");
    let mut told = Vec::new();
    for email in [EMAIL, "nobody@example.com"] {
        let mut statuses = Vec::new();
        for _ in 0..7 {
            statuses.push(
                stranger
                    .login(email, "wrong password")
                    .await
                    .status
                    .as_u16(),
            );
        }
        told.push(statuses);
    }
    assert_eq!(told[0], [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_list_of_accounts_is_not_tried_from_one_place() {
    let service = Service::start().await;
    let stranger = service.at("2001:db8::1");
    let mut through = 0;
    for n in 0..40 {
        // Another address of the same network each time: it is one place.
        let stranger = service.at(&format!("2001:db8::{n:x}"));
        let email = format!("p{n}@example.com");
        through += usize::from(!is_slowed(&stranger.login(&email, PASSWORD).await));
    }
    assert_eq!(through, 30);
    assert!(is_slowed(
        &stranger.login("more@example.com", PASSWORD).await
    ));
    let neighbour = service.at("2001:db8:0:1::1");
    let free = neighbour.login("more@example.com", PASSWORD).await;
    assert_eq!(free.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_in_rightly_counts_nothing_and_tokens_are_counted_by_place() {
    let service = Service::start().await;
    let stranger = service.at("198.51.100.7");
    stranger.register("acme").await;
    for _ in 0..15 {
        let right = stranger.login(EMAIL, PASSWORD).await;
        assert_eq!(right.status, StatusCode::OK, "{}", right.body);
    }
    let mut statuses = Vec::new();
    for n in 0..22 {
        let path = match n % 3 {
            0 => "/api/v1/auth/email/verify",
            1 => "/api/v1/auth/invitations/look",
            _ => "/api/v1/auth/email/verify",
        };
        let answer = stranger.post(path, "", json!({ "token": "guess" })).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..20], [422; 20]);
    assert_eq!(statuses[20..], [429; 2]);
    let elsewhere = service.at("198.51.100.8");
    let free = elsewhere
        .post("/api/v1/auth/email/verify", "", json!({ "token": "guess" }))
        .await;
    assert_eq!(free.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn processes_count_together() {
    let service = Service::start().await;
    service.at(HOME).register("acme").await;
    let other = Client::of(wire(&service.config).await);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        for process in [service.at("198.51.100.7"), other.at("198.51.100.7")] {
            statuses.push(guess(&process).await.status.as_u16());
        }
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
}

#[tokio::test]
async fn without_redis_each_process_counts_for_itself() {
    // Nobody listens there.
    let service =
        Service::start_with(|config| config.redis.url = "redis://127.0.0.1:1".into()).await;
    service.at(HOME).register("acme").await;
    let stranger = service.at("198.51.100.7");
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(guess(&stranger).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    let home = service.at(HOME).login(EMAIL, PASSWORD).await;
    assert_eq!(home.status, StatusCode::OK);
}
