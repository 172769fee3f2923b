//! What a new password ends, and who is kept from guessing one.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use contracts::identity::v1::OpenMailResponse;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection};
use serde_json::json;

use crate::common::mails::{Mails, token};
use crate::common::{Answer, PASSWORD, Service, fields, registration};

const EMAIL: &str = "owner@acme.example.com";
const HOME: &str = "192.0.2.1";
const NEW: &str = "another horse battery";
const PROFILE: &str = "/api/v1/auth/profile";
const RESET: &str = "/api/v1/auth/password/reset";

async fn with_mail() -> Service {
    Service::start_with(|config| {
        config.mail.smtp_url = "smtp://127.0.0.1:9".into();
        config.mail.from = "Bellwether <bw@example.com>".to_owned();
    })
    .await
}

async fn count(service: &Service, sql: &str) -> i64 {
    let sql = AssertSqlSafe(format!("select count(*) from {sql}"));
    let mut owner = service.owner().await;
    sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap()
}

/// What `ask` is answered when the person's password is replaced after the former one was verified.
async fn replaced_meanwhile(service: &Service, ask: impl Future<Output = Answer>) -> Answer {
    let mut owner = service.owner().await;
    let mut tx = owner.begin().await.unwrap();
    let hold = "select 1 from identity.user_account where email = $1 for update";
    sqlx::query(hold)
        .bind(EMAIL)
        .execute(&mut *tx)
        .await
        .unwrap();
    let replace = async {
        let limit = Instant::now() + Duration::from_secs(30);
        let waiting =
            "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while count(service, waiting).await == 0 {
            assert!(Instant::now() < limit, "nobody waits for the person");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let replace = "update identity.user_account set password_hash = 'x' where email = 'owner@acme.example.com';
             update identity.session set ended_at = now(), end_reason = 'password reset' where ended_at is null;
             delete from identity.handoff";
        sqlx::raw_sql(replace).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(ask, replace);
    let open = count(service, "identity.session where ended_at is null").await;
    assert_eq!(open, 0, "a session survives: {}", answer.body);
    answer
}

#[tokio::test]
async fn whoever_signs_in_while_the_password_is_replaced_is_not_in() {
    let service = Service::start().await;
    service.register("acme").await;
    let answer = replaced_meanwhile(&service, service.login(EMAIL, PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn whoever_changes_a_password_that_is_replaced_meanwhile_changes_nothing() {
    let service = Service::start().await;
    let thief = service.register("acme").await.text("access_token");
    let body = json!({ "new_password": NEW, "current_password": PASSWORD });
    let answer = replaced_meanwhile(&service, service.patch(PROFILE, &thief, body)).await;
    assert_eq!(fields(&answer.body), ["current_password"]);
    let kept = count(&service, "identity.user_account where password_hash = 'x'").await;
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn neither_a_session_nor_a_code_begins_another_one_behind_a_new_password() {
    let service = Service::start().await;
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", EMAIL, PASSWORD);
        ensured.await.unwrap();
    }
    let host = [("host", "one.localhost")];
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let one = service
        .send_with(Method::POST, "/api/v1/auth/login", "", Some(body), &host)
        .await
        .text("access_token");
    let body = json!({ "slug": "two", "handoff": true });
    let code = service.post("/api/v1/auth/switch", &one, body).await;
    let body = Some(json!({ "code": code.text("handoff") }));
    let host = [("host", "two.localhost")];
    let path = "/api/v1/auth/handoff";
    let taking = service.send_with(Method::POST, path, "", body, &host);
    let taken = replaced_meanwhile(&service, taking).await;
    assert_eq!(fields(&taken.body), ["code"]);

    let reopen = "update identity.session set ended_at = null, end_reason = null";
    let mut owner = service.owner().await;
    sqlx::query(reopen).execute(&mut owner).await.unwrap();
    let body = json!({ "slug": "two" });
    let switching = service.post("/api/v1/auth/switch", &one, body);
    let switched = replaced_meanwhile(&service, switching).await;
    assert_eq!(switched.status, StatusCode::UNAUTHORIZED);
}

/// Invites the owner of acme to beta; the token of the invitation.
async fn invited_to_beta(service: &Service, mails: &mut Mails) -> String {
    let beta = service.register("beta").await.text("access_token");
    let plan = "update identity.tenant set plan_code = 'pro'";
    let mut owner = service.owner().await;
    sqlx::query(plan).execute(&mut owner).await.unwrap();
    let body = json!({ "email": EMAIL, "role": "viewer" });
    let invited = service.post("/api/v1/invitations", &beta, body).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    let to_beta = |mail: &OpenMailResponse| mail.subject.contains("Tenant beta");
    token(&mails.find(to_beta).await)
}

#[tokio::test]
async fn whoever_joins_while_the_password_is_replaced_is_not_in_and_the_invitation_waits() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.register("acme").await;
    let token = invited_to_beta(&service, &mut mails).await;
    mails.end().await;
    let body = json!({ "token": token, "password": PASSWORD });
    let accepting = service.post("/api/v1/auth/invitations/accept", "", body);
    let answer = replaced_meanwhile(&service, accepting).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let waiting = "identity.invitation where accepted_at is null";
    assert_eq!(count(&service, waiting).await, 1);
}

#[tokio::test]
async fn a_signed_in_browser_is_no_place_to_guess_the_password() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let body = json!({ "slug": "acme", "password": "not it" });
        let guess = service.send(Method::DELETE, "/api/v1/tenant", &acme, Some(body));
        statuses.push(guess.await.status.as_u16());
    }
    assert_eq!(statuses[..10], [422; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let body = json!({ "new_password": NEW, "current_password": "not it" });
    let guess = service.patch(PROFILE, &acme, body).await;
    assert_eq!(
        guess.status,
        StatusCode::TOO_MANY_REQUESTS,
        "counted together"
    );
}

/// Lets strangers guess until nobody from an unknown place gets through.
async fn guessed_at(service: &Service) {
    for n in 0..20 {
        let stranger = service.at(&format!("198.51.100.{n}"));
        let guess = stranger.login(EMAIL, "not it").await;
        assert_eq!(guess.status, StatusCode::UNAUTHORIZED);
    }
    let lucky = service.at("198.51.100.200").login(EMAIL, PASSWORD).await;
    assert_eq!(lucky.status, StatusCode::TOO_MANY_REQUESTS);
}

fn is_link(mail: &OpenMailResponse) -> bool {
    mail.text.contains("/reset-password#token=")
}

#[tokio::test]
async fn strangers_do_not_keep_out_whoever_has_just_set_a_new_password_or_is_invited_at_home() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.at(HOME).register("acme").await;
    let invitation = invited_to_beta(&service, &mut mails).await;
    let ask = json!({ "email": EMAIL });
    service.post("/api/v1/auth/password/forgot", "", ask).await;
    let link = token(&mails.find(is_link).await);
    guessed_at(&service).await;
    let at_home = service.at(HOME);
    let body = json!({ "token": invitation, "password": PASSWORD });
    let joined = at_home
        .post("/api/v1/auth/invitations/accept", "", body)
        .await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.body);

    let away = service.at("203.0.113.77");
    let body = json!({ "token": link, "password": NEW });
    let set = away.post(RESET, "", body).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.body);
    let body = json!({ "email": EMAIL, "password": NEW, "slug": "acme" });
    let back = away.post("/api/v1/auth/login", "", body).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    mails.end().await;
}

#[tokio::test]
async fn links_to_a_new_password_do_not_outlive_the_password() {
    let service = with_mail().await;
    let acme = service.register("acme").await.text("access_token");
    let forgot = async || {
        let body = json!({ "email": EMAIL });
        let asked = service.post("/api/v1/auth/password/forgot", "", body).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED);
    };
    let change = async |from: &str, to: &str| {
        let body = json!({ "new_password": to, "current_password": from });
        let changed = service.patch(PROFILE, &acme, body).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    };
    let unwritten = "identity.mail where sealed_body is null";
    forgot().await;
    assert_eq!(count(&service, unwritten).await, 1);
    change(PASSWORD, NEW).await;
    assert_eq!(count(&service, unwritten).await, 0);

    let mut mails = Mails::start(&service).await;
    forgot().await;
    let link = token(&mails.find(is_link).await);
    change(NEW, PASSWORD).await;
    let body = json!({ "token": link, "password": NEW });
    let late = service.post(RESET, "", body).await;
    assert_eq!(fields(&late.body), ["token"], "{}", late.body);
    mails.end().await;
}

#[tokio::test]
async fn whoever_holds_the_right_link_has_guessed_nothing() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.register("acme").await;
    let ask = json!({ "email": EMAIL });
    service.post("/api/v1/auth/password/forgot", "", ask).await;
    let link = token(&mails.find(is_link).await);
    for _ in 0..25 {
        let body = json!({ "token": link, "password": EMAIL });
        let refused = service.post(RESET, "", body).await;
        assert_eq!(fields(&refused.body), ["password"], "{}", refused.body);
    }
    let body = json!({ "token": link, "password": NEW });
    let set = service.post(RESET, "", body).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.body);
    mails.end().await;
}

#[tokio::test]
async fn at_a_tenants_own_host_one_signs_in_to_that_tenant_and_nobody_registers() {
    let service = Service::start().await;
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", EMAIL, PASSWORD);
        ensured.await.unwrap();
    }
    service.register("three").await;
    let login = async |host: &str, slug: Option<&str>| {
        let mut body = json!({ "email": EMAIL, "password": PASSWORD });
        if let Some(slug) = slug {
            body["slug"] = slug.into();
        }
        let headers = [("host", host)];
        let path = "/api/v1/auth/login";
        service
            .send_with(Method::POST, path, "", Some(body), &headers)
            .await
    };
    for slug in [None, Some(" TWO ")] {
        let there = login("two.localhost:8080", slug).await;
        assert_eq!(there.status, StatusCode::OK, "{}", there.body);
        let profile = service.get(PROFILE, &there.text("access_token")).await;
        assert_eq!(profile.body["tenant"]["slug"], "two");
    }
    let elsewhere = login("two.localhost", Some("one")).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&elsewhere.body), ["slug"]);
    let not_theirs = login("three.localhost", None).await;
    assert_eq!(not_theirs.status, StatusCode::UNAUTHORIZED);
    let which = login("localhost", None).await;
    assert_eq!(fields(&which.body), ["slug"]);

    let headers = [("host", "two.localhost")];
    let path = "/api/v1/auth/register";
    let body = Some(registration("four"));
    let refused = service
        .send_with(Method::POST, path, "", body, &headers)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
}
