//! Registering, signing in, going on, signing out.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, TenantRegistered};
use prost::Message;
use sea_orm::sqlx::{self, Row};
use serde_json::json;

use crate::common::{Client, PASSWORD, Service, fields, registration, wire};

const EMAIL: &str = "owner@acme.example.com";

#[tokio::test]
async fn a_tenant_registers_and_its_owner_is_signed_in() {
    let service = Service::start().await;
    let tokens = service.register("acme").await;
    assert_eq!(tokens.body["expires_in"], 900);
    assert_eq!(tokens.headers["cache-control"], "no-store");

    let profile = service
        .get("/api/v1/auth/profile", &tokens.text("access_token"))
        .await;
    assert_eq!(profile.status, StatusCode::OK, "{}", profile.body);
    assert_eq!(profile.body["email"], EMAIL, "in lower case");
    assert_eq!(profile.body["role"], "owner");
    assert_eq!(profile.body["tenant"]["slug"], "acme");
    assert_eq!(profile.body["tenant"]["plan"], "free");

    let tenant = service
        .get("/api/v1/tenant", &tokens.text("access_token"))
        .await;
    assert_eq!(tenant.body["name"], "Tenant acme");
    assert_eq!(tenant.body["limits"]["tracked_products"], 50);
    assert_eq!(tenant.body["id"], profile.body["tenant"]["id"]);

    let plans = service.get("/api/v1/plans", "").await;
    let codes: Vec<_> = plans.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| &plan["code"])
        .collect();
    assert_eq!(codes, ["free", "pro", "enterprise"]);
}

#[tokio::test]
async fn what_is_taken_or_breaks_a_rule_is_refused_by_field() {
    let service = Service::start().await;
    service.register("acme").await;
    let register = async |body| service.post("/api/v1/auth/register", "", body).await;

    let mut body = registration("acme");
    body["email"] = json!("other@example.com");
    let taken = register(body).await;
    assert_eq!(
        (taken.status, fields(&taken.body)),
        (StatusCode::CONFLICT, vec!["slug".to_owned()])
    );

    let mut body = registration("beta");
    body["email"] = json!(EMAIL.to_uppercase());
    let taken = register(body).await;
    assert_eq!(
        (taken.status, fields(&taken.body)),
        (StatusCode::CONFLICT, vec!["email".to_owned()])
    );

    let body = json!({ "tenant": " ", "slug": "www", "email": "nobody", "password": "short" });
    let invalid = register(body).await;
    assert_eq!(invalid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut named = fields(&invalid.body);
    named.sort();
    assert_eq!(named, ["email", "password", "slug", "tenant"]);

    // Nothing of a refused registration stays.
    service.register("beta").await;
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_the_same_words() {
    let service = Service::start().await;
    service.register("acme").await;
    let right = service.login(&EMAIL.to_uppercase(), PASSWORD).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);

    let wrong = service.login(EMAIL, "wrong password").await;
    let unknown = service.login("nobody@example.com", PASSWORD).await;
    let body = json!({ "email": EMAIL, "password": PASSWORD, "slug": "other" });
    let elsewhere = service.post("/api/v1/auth/login", "", body).await;
    let garbage = service.login("owner\0@acme.example.com", PASSWORD).await;
    for refused in [&wrong, &unknown, &elsewhere, &garbage] {
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.body, wrong.body);
    }
}

#[tokio::test]
async fn of_registrations_at_once_one_wins_and_the_others_are_told_why() {
    let service = Service::start().await;
    let register = async |slug: &str, email: &str| {
        let mut body = registration(slug);
        body["email"] = json!(email);
        service.post("/api/v1/auth/register", "", body).await
    };
    let (first, second) = tokio::join!(
        register("acme", "a@example.com"),
        register("acme", "b@example.com")
    );
    let (third, fourth) = tokio::join!(
        register("beta", "c@example.com"),
        register("gamma", "c@example.com")
    );
    for (pair, field) in [([first, second], "slug"), ([third, fourth], "email")] {
        let [created, refused]: [Vec<_>; 2] = [StatusCode::CREATED, StatusCode::CONFLICT]
            .map(|status| pair.iter().filter(|one| one.status == status).collect());
        assert_eq!((created.len(), refused.len()), (1, 1), "{field}");
        assert_eq!(fields(&refused[0].body), [field]);
        assert_eq!(
            refused[0].headers["content-type"],
            "application/problem+json"
        );
    }
}

#[tokio::test]
async fn garbage_is_no_token() {
    let service = Service::start().await;
    let long = "x".repeat(100_000);
    for garbage in ["", " ", "\0", "a.b.c", "ü", &long] {
        let refused = service.refresh(garbage).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.body);
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        let body = json!({ "refresh_token": garbage });
        let out = service.post("/api/v1/auth/logout", "", body).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT, "tells nothing");
    }
    for body in [
        json!({}),
        json!({"refresh_token": 7}),
        json!({"refresh_token": "x", "more": 1}),
    ] {
        let refused = service.post("/api/v1/auth/refresh", "", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(fields(&refused.body).len(), 1, "{}", refused.body);
    }
    let forged = service
        .send(Method::POST, "/api/v1/auth/logout", "a.b.c", None)
        .await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_person_of_several_tenants_names_one() {
    let service = Service::start().await;
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", EMAIL, PASSWORD);
        ensured.await.unwrap();
    }
    let several = service.login(EMAIL, PASSWORD).await;
    assert_eq!(several.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&several.body), ["slug"]);
    assert!(
        !several.body.to_string().contains("two"),
        "tenants are not listed"
    );
    let wrong = service.login(EMAIL, "wrong password").await;
    assert_eq!(
        wrong.status,
        StatusCode::UNAUTHORIZED,
        "not told before the password is right"
    );

    let body = json!({ "email": EMAIL, "password": PASSWORD, "slug": "two" });
    let tokens = service.post("/api/v1/auth/login", "", body).await;
    let profile = service
        .get("/api/v1/auth/profile", &tokens.text("access_token"))
        .await;
    assert_eq!(profile.body["tenant"]["slug"], "two");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_replayed_one_ends_the_family() {
    let service = Service::start().await;
    let first = service.register("acme").await.text("refresh_token");
    let other_session = service.login(EMAIL, PASSWORD).await.text("refresh_token");

    let second = service.refresh(&first).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second = second.text("refresh_token");
    let third = service.refresh(&second).await.text("refresh_token");

    let replayed = service.refresh(&first).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    let ended = service.refresh(&third).await;
    assert_eq!(
        ended.status,
        StatusCode::UNAUTHORIZED,
        "the newest of the family is dead too"
    );
    let unknown = service.refresh("no such token").await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.body, replayed.body, "nobody learns why");

    let untouched = service.refresh(&other_session).await;
    assert_eq!(
        untouched.status,
        StatusCode::OK,
        "another session of the same person goes on"
    );
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins_and_the_family_ends() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("refresh_token");
    let (one, two) = tokio::join!(service.refresh(&token), service.refresh(&token));
    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::UNAUTHORIZED]);
    let winner = if one.status == StatusCode::OK {
        one
    } else {
        two
    };
    assert_eq!(
        service.refresh(&winner.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let service = Service::start().await;
    let logout = "/api/v1/auth/logout";
    let by_token = service.register("acme").await.text("refresh_token");
    let out = service
        .post(logout, "", json!({ "refresh_token": by_token }))
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(
        service.refresh(&by_token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let again = service
        .post(logout, "", json!({ "refresh_token": by_token }))
        .await;
    assert_eq!(again.status, StatusCode::NO_CONTENT, "twice is once");

    let tokens = service.login(EMAIL, PASSWORD).await;
    let out = service
        .send(Method::POST, logout, &tokens.text("access_token"), None)
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    let nobody = service.send(Method::POST, logout, "", None).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions() {
    let service = Service::start().await;
    let mine = service.register("acme").await;
    let other = service.login(EMAIL, PASSWORD).await;
    let change = async |body| {
        let token = mine.text("access_token");
        service
            .send(Method::PATCH, "/api/v1/auth/profile", &token, Some(body))
            .await
    };
    let new = "another horse battery";
    let missing = change(json!({ "new_password": new })).await;
    assert_eq!(fields(&missing.body), ["current_password"]);
    let wrong = change(json!({ "new_password": new, "current_password": "wrong" })).await;
    assert_eq!(
        (wrong.status, fields(&wrong.body)),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            vec!["current_password".to_owned()]
        )
    );

    let body = json!({ "new_password": new, "current_password": PASSWORD });
    let changed = change(body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(
        service.refresh(&other.text("refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        service.refresh(&mine.text("refresh_token")).await.status,
        StatusCode::OK
    );
    assert_eq!(service.login(EMAIL, new).await.status, StatusCode::OK);
    assert_eq!(
        service.login(EMAIL, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_demo_is_kept_and_its_password_reset() {
    let service = Service::start().await;
    let ensure = |plan, password| {
        user_service::operator::ensure_demo(&service.state, "demo", "Demo", plan, EMAIL, password)
    };
    let first = ensure("pro", PASSWORD).await.unwrap();
    let session = service.login(EMAIL, PASSWORD).await.text("refresh_token");
    assert_eq!(ensure("pro", PASSWORD).await.unwrap(), first);
    let session = service.refresh(&session).await;
    assert_eq!(session.status, StatusCode::OK, "who is signed in stays so");

    assert_eq!(ensure("enterprise", "a new password").await.unwrap(), first);
    let tokens = service.login(EMAIL, "a new password").await;
    let tenant = service
        .get("/api/v1/tenant", &tokens.text("access_token"))
        .await;
    assert_eq!(tenant.body["plan"], "enterprise");
}

#[tokio::test]
async fn processes_that_start_together_agree_on_one_signing_key() {
    let service = Service::start().await;
    let mut owner = service.owner().await;
    let forget = sqlx::query("delete from identity.signing_key");
    forget.execute(&mut owner).await.unwrap();

    let (one, two) = tokio::join!(wire(&service.config), wire(&service.config));
    let made = sqlx::query_scalar::<_, i64>("select count(*) from identity.signing_key");
    assert_eq!(made.fetch_one(&mut owner).await.unwrap(), 1);
    let (one, two) = (Client::of(one), Client::of(two));
    let token = one
        .post("/api/v1/auth/register", "", registration("acme"))
        .await;
    let token = token.text("access_token");
    let profile = two.get("/api/v1/auth/profile", &token).await;
    assert_eq!(profile.status, StatusCode::OK, "{}", profile.body);
}

#[tokio::test]
async fn other_services_hear_of_a_new_tenant() {
    let service = Service::start().await;
    let life = lifecycle::Lifecycle::new(Duration::from_secs(5));
    user_service::consumers(service.state.clone(), &life);
    service.register("acme").await;

    let mut owner = service.owner().await;
    let limit = Instant::now() + Duration::from_secs(30);
    let (kind, message) = loop {
        let sent = "select kind, message from identity.outbox where sequence is not null";
        if let Some(row) = sqlx::query(sent).fetch_optional(&mut owner).await.unwrap() {
            break (row.get::<String, _>(0), row.get::<Vec<u8>, _>(1));
        }
        assert!(Instant::now() < limit, "the event was not published");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(kind, "tenant.registered");
    let event = Event::decode(message.as_slice()).unwrap();
    let told = TenantRegistered {
        slug: "acme".to_owned(),
        plan: "free".to_owned(),
    };
    assert_eq!(event.payload, Some(Payload::TenantRegistered(told)));
    assert_eq!(event.tenant_id.as_ref(), Some(&event.subject));
    life.stop();
    life.drained().await;
    assert!(!life.has_failed());
}
