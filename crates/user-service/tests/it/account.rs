//! A person's own address, password, sessions and tenants.

use axum::http::{Method, StatusCode};
use contracts::identity::v1::OpenMailResponse;
use futures::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;
use sea_orm::sqlx;
use serde_json::{Value, json};

use crate::common::mails::{Mails, token};
use crate::common::{Answer, PASSWORD, Service, fields, registration};

const EMAIL: &str = "owner@acme.example.com";
const PROFILE: &str = "/api/v1/auth/profile";
const SESSIONS: &str = "/api/v1/auth/sessions";
const NEW: &str = "another horse battery";

async fn with_mail() -> Service {
    Service::start_with(|config| {
        config.mail.smtp_url = "smtp://127.0.0.1:9".into();
        config.mail.from = "Bellwether <bw@example.com>".to_owned();
        config.mail.page_url = "https://page.example/".to_owned();
    })
    .await
}

async fn verify(service: &Service, token: &str) -> Answer {
    let body = json!({ "token": token });
    service.post("/api/v1/auth/email/verify", "", body).await
}

async fn forgot(service: &Service, email: &str) -> Answer {
    let body = json!({ "email": email });
    service.post("/api/v1/auth/password/forgot", "", body).await
}

async fn reset(service: &Service, token: &str) -> Answer {
    let body = json!({ "token": token, "password": NEW });
    service.post("/api/v1/auth/password/reset", "", body).await
}

#[tokio::test]
async fn who_registers_is_asked_whether_the_address_is_theirs() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    let mut body = registration("acme");
    body["locale"] = json!("zh-Hans");
    let owner = service.post("/api/v1/auth/register", "", body).await;
    let owner = owner.text("access_token");
    let profile = service.get(PROFILE, &owner).await;
    assert_eq!(profile.body["email_verified"], false);
    let mail = mails.to(EMAIL).await;
    assert!(mail.subject.contains("验证"), "{}", mail.subject);
    assert!(
        mail.text
            .contains("https://page.example/verify-email#token=")
    );

    let again = service
        .post("/api/v1/auth/email/verification", &owner, json!({}))
        .await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.body);
    let token = token(&mails.to(EMAIL).await);
    let tries = join_all((0..4).map(|_| verify(&service, &token))).await;
    let done = |answer: &&Answer| answer.status == StatusCode::NO_CONTENT;
    assert_eq!(tries.iter().filter(done).count(), 1, "single use");
    let refused = tries.iter().find(|answer| !done(answer)).unwrap();
    assert_eq!(fields(&refused.body), ["token"]);
    let profile = service.get(PROFILE, &owner).await;
    assert_eq!(profile.body["email_verified"], true);
    let nothing = service
        .post("/api/v1/auth/email/verification", &owner, json!({}))
        .await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    mails.end().await;
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_is_verified() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    let owner = service.register("acme").await.text("access_token");
    service.register("beta").await;
    mails.to(EMAIL).await;
    mails.to("owner@beta.example.com").await;
    let change = async |email: &str| {
        let body = json!({ "email": email, "current_password": PASSWORD });
        service.patch(PROFILE, &owner, body).await
    };
    let taken = change("owner@beta.example.com").await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    let changed = change("New@acme.example.com").await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["email"], EMAIL);
    assert_eq!(changed.body["pending_email"], "new@acme.example.com");

    let mail = mails.to("new@acme.example.com").await;
    let told = mails
        .find(|mail| mail.recipient == EMAIL && mail.text.contains("new@acme.example.com"))
        .await;
    assert!(!told.text.contains("#token="), "{}", told.text);
    assert_eq!(service.login(EMAIL, PASSWORD).await.status, StatusCode::OK);
    let verified = verify(&service, &token(&mail)).await;
    assert_eq!(verified.status, StatusCode::NO_CONTENT, "{}", verified.body);
    let profile = service.get(PROFILE, &owner).await;
    assert_eq!(profile.body["email"], "new@acme.example.com");
    assert_eq!(profile.body["email_verified"], true);
    assert_eq!(profile.body["pending_email"], Value::Null);
    let old = service.login(EMAIL, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);

    // Nobody's mailbox is filled: the fifth was the last for an hour.
    let mut statuses = Vec::new();
    for n in 0..5 {
        let answer = change(&format!("n{n}@acme.example.com")).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    mails.end().await;
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_mail_once_and_ends_every_session() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    let session = service.register("acme").await;
    let switching = session.text("access_token");
    mails.to(EMAIL).await;
    let pending = json!({ "email": "thief@example.com", "current_password": PASSWORD });
    service.patch(PROFILE, &switching, pending).await;
    let stolen = token(&mails.to("thief@example.com").await);

    let unknown = forgot(&service, "nobody@example.com").await;
    let known = forgot(&service, EMAIL).await;
    assert_eq!(known.status, StatusCode::ACCEPTED);
    assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));
    let is_link = |mail: &OpenMailResponse| mail.text.contains("/reset-password#token=");
    let mail = mails.find(is_link).await;
    assert_eq!(mail.recipient, EMAIL);
    let token = token(&mail);
    let tries = join_all((0..4).map(|_| reset(&service, &token))).await;
    let done = |answer: &&Answer| answer.status == StatusCode::NO_CONTENT;
    assert_eq!(tries.iter().filter(done).count(), 1, "single use");

    let refresh = service.refresh(&session.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "slug": "acme" });
    let switched = service.post("/api/v1/auth/switch", &switching, body).await;
    assert_eq!(
        switched.status,
        StatusCode::UNAUTHORIZED,
        "an ended session begins no other"
    );
    let old = service.login(EMAIL, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let owner = service.login(EMAIL, NEW).await.text("access_token");
    let told = mails
        .find(|mail| mail.subject.contains("was changed"))
        .await;
    assert_eq!(told.recipient, EMAIL);
    let profile = service.get(PROFILE, &owner).await;
    assert_eq!(
        profile.body["email_verified"], true,
        "the mailbox is theirs"
    );
    assert_eq!(profile.body["pending_email"], Value::Null);
    assert_eq!(fields(&verify(&service, &stolen).await.body), ["token"]);

    // Of a stranger's address nothing stays; of the person's at most three links at a time.
    for _ in 0..5 {
        forgot(&service, EMAIL).await;
    }
    let waiting = "select count(*) from identity.mail where recipient = 'nobody@example.com'";
    let waiting: i64 = sqlx::query_scalar(waiting)
        .fetch_one(&mut service.owner().await)
        .await
        .unwrap();
    assert_eq!(waiting, 0);
    for _ in 0..3 {
        mails.find(is_link).await;
    }
    let asked = "select count(*) from identity.mail where sealed_body is null and state = 'queued'";
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let mut owner = service.owner().await;
    while sqlx::query_scalar::<_, i64>(asked)
        .fetch_one(&mut owner)
        .await
        .unwrap()
        > 0
    {
        assert!(std::time::Instant::now() < limit, "requests stay");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let links = "select count(*) from identity.mail_token where purpose = 'reset_password'";
    let links: i64 = sqlx::query_scalar(links)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(links, 3);
    mails.end().await;
}

#[tokio::test]
async fn a_strangers_attempt_costs_as_many_hashes_as_a_members() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let service = with_mail().await;
    service.register("acme").await;
    let hashes = || {
        let text = handle.render();
        let line = text
            .lines()
            .find(|line| line.starts_with("identity_password_hashes_total"));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let accept = async |token: &str| {
        let body = json!({ "token": token, "password": PASSWORD });
        service
            .post("/api/v1/auth/invitations/accept", "", body)
            .await
    };
    let mut before = hashes();
    assert!(before > 0, "they are counted");
    let mut cost = move |now: u64| {
        let cost = now - before;
        before = now;
        cost
    };
    service.login(EMAIL, "wrong password").await;
    assert_eq!(cost(hashes()), 1);
    service.login("nobody@example.com", "wrong password").await;
    assert_eq!(cost(hashes()), 1);
    forgot(&service, EMAIL).await;
    assert_eq!(cost(hashes()), 0);
    forgot(&service, "nobody@example.com").await;
    assert_eq!(cost(hashes()), 0);
    reset(&service, "no such token").await;
    assert_eq!(cost(hashes()), 1);
    accept("no such token").await;
    assert_eq!(cost(hashes()), 1);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_person_only() {
    let service = with_mail().await;
    let first = service.at("192.0.2.7").register("acme").await;
    let agent = [("user-agent", "Firefox on Linux"), ("x-nothing", "x")];
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let second = service
        .at("2001:db8::7")
        .send_with(Method::POST, "/api/v1/auth/login", "", Some(body), &agent)
        .await;
    let third = service.login(EMAIL, PASSWORD).await;
    let stranger = service.register("beta").await.text("access_token");

    let listed = service.get(SESSIONS, &second.text("access_token")).await;
    let items = listed.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{}", listed.body);
    let current: Vec<_> = items.iter().filter(|one| one["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["user_agent"], "Firefox on Linux");
    assert_eq!(current[0]["address"], "2001:db8::7");
    let at_first = items.iter().find(|one| one["address"] == "192.0.2.7");
    let path = format!("{SESSIONS}/{}", at_first.unwrap()["id"].as_str().unwrap());

    let theirs = service.delete(&path, &stranger).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let ended = service.delete(&path, &second.text("access_token")).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let refresh = service.refresh(&first.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::UNAUTHORIZED);
    let others = service.delete(SESSIONS, &second.text("access_token")).await;
    assert_eq!(others.status, StatusCode::NO_CONTENT);
    let refresh = service.refresh(&third.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::UNAUTHORIZED);
    let refresh = service.refresh(&second.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::OK, "the one that asked goes on");
    let untouched = service.get(SESSIONS, &stranger).await;
    assert_eq!(untouched.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_very_many_sessions_the_oldest_end() {
    let service = Service::start().await;
    let first = service.register("acme").await;
    // As if it had been used long ago, and many others since.
    let many = "update identity.session set last_used_at = now() - interval '1 day';
        insert into identity.session (tenant_id, id, user_id, last_used_at)
        select tenant_id, gen_random_uuid(), user_id, now() from identity.membership, generate_series(1, 99)";
    let mut owner = service.owner().await;
    sqlx::raw_sql(many).execute(&mut owner).await.unwrap();
    assert_eq!(service.login(EMAIL, PASSWORD).await.status, StatusCode::OK);
    let open = "select count(*) from identity.session where ended_at is null";
    let open: i64 = sqlx::query_scalar(open)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(open, 100);
    let refresh = service.refresh(&first.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::UNAUTHORIZED, "the oldest");
}

#[tokio::test]
async fn who_has_an_account_is_not_asked_for_by_changing_ones_own_address() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    service.register("beta").await;
    let change = async |email: &str| {
        let body = json!({ "email": email, "current_password": PASSWORD });
        service.patch(PROFILE, &acme, body).await.status
    };
    for _ in 0..5 {
        assert_eq!(change("owner@beta.example.com").await, StatusCode::CONFLICT);
    }
    for email in ["owner@beta.example.com", "nobody@example.com"] {
        assert_eq!(change(email).await, StatusCode::TOO_MANY_REQUESTS);
    }
    // Whoever was written to often enough is not told either.
    let sent = "insert into identity.mail_token (token_sha256, purpose, user_id, email, created_at, expires_at)
        select sha256(n::text::bytea), 'verify_email', id, 'x', now(), now() + interval '1 hour'
        from identity.user_account, generate_series(1, 5) n where email like 'owner@beta%'";
    let mut owner = service.owner().await;
    sqlx::raw_sql(sent).execute(&mut owner).await.unwrap();
    let beta = service.login("owner@beta.example.com", PASSWORD).await;
    for email in [EMAIL, "nobody@example.com"] {
        let body = json!({ "email": email, "current_password": PASSWORD });
        let refused = service
            .patch(PROFILE, &beta.text("access_token"), body)
            .await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{email}");
    }
}

#[tokio::test]
async fn a_person_goes_on_in_another_tenant_at_its_own_host() {
    let service = with_mail().await;
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", EMAIL, PASSWORD);
        ensured.await.unwrap();
    }
    service.register("three").await;
    let body = json!({ "email": EMAIL, "password": PASSWORD, "slug": "one" });
    let one = service.post("/api/v1/auth/login", "", body).await;
    let one = one.text("access_token");
    let profile = service.get(PROFILE, &one).await;
    assert_eq!(profile.body["email_verified"], true, "the operator vouches");
    let switch = async |body: Value| service.post("/api/v1/auth/switch", &one, body).await;

    let direct = switch(json!({ "slug": "two" })).await;
    assert_eq!(direct.status, StatusCode::OK, "{}", direct.body);
    assert_eq!(direct.headers["cache-control"], "no-store");
    let there = service.get(PROFILE, &direct.text("access_token")).await;
    assert_eq!(there.body["tenant"]["slug"], "two");
    for slug in ["three", "nowhere"] {
        let refused = switch(json!({ "slug": slug })).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{slug}");
    }

    let code = switch(json!({ "slug": "two", "handoff": true })).await;
    assert!(code.body.get("access_token").is_none());
    let code = code.text("handoff");
    let take_over = async |host: &'static str| {
        let body = Some(json!({ "code": code }));
        let headers = [("host", host)];
        service
            .send_with(Method::POST, "/api/v1/auth/handoff", "", body, &headers)
            .await
    };
    let nowhere = take_over("localhost:8080").await;
    assert_eq!(nowhere.status, StatusCode::FORBIDDEN);
    let elsewhere = take_over("one.localhost:8080").await;
    assert_eq!(fields(&elsewhere.body), ["code"], "another host");
    let tries = join_all((0..4).map(|_| take_over("two.localhost:8080"))).await;
    let taken: Vec<_> = tries
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .collect();
    assert_eq!(taken.len(), 1, "single use");
    let there = service.get(PROFILE, &taken[0].text("access_token")).await;
    assert_eq!(there.body["tenant"]["slug"], "two");

    let late = switch(json!({ "slug": "two", "handoff": true })).await;
    let late = late.text("handoff");
    let expire = sqlx::query("update identity.handoff set expires_at = now()");
    expire.execute(&mut service.owner().await).await.unwrap();
    let headers = [("host", "two.localhost:8080")];
    let body = Some(json!({ "code": late }));
    let late = service
        .send_with(Method::POST, "/api/v1/auth/handoff", "", body, &headers)
        .await;
    assert_eq!(fields(&late.body), ["code"], "a minute is over");
}
