//! Members and invitations.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use futures::future::join_all;
use sea_orm::sqlx;
use serde_json::{Value, json};

use crate::common::mails::{Mails, token};
use crate::common::{Answer, PASSWORD, Service, fields};

const MEMBERS: &str = "/api/v1/members";
const INVITATIONS: &str = "/api/v1/invitations";
const ACCEPT: &str = "/api/v1/auth/invitations/accept";

/// A service with mails whose tenant `acme` has a large plan, and its owner's access token.
async fn acme() -> (Service, String) {
    let service = Service::start_with(|config| {
        config.mail.smtp_url = "smtp://127.0.0.1:9".into();
        config.mail.from = "Bellwether <bw@example.com>".to_owned();
    })
    .await;
    let owner = service.register("acme").await.text("access_token");
    plan(&service, "pro").await;
    (service, owner)
}

async fn plan(service: &Service, plan: &str) {
    let change = sqlx::query("update identity.tenant set plan_code = $1 where slug = 'acme'");
    let mut owner = service.owner().await;
    change.bind(plan).execute(&mut owner).await.unwrap();
}

async fn invite(service: &Service, by: &str, email: &str, role: &str) -> Answer {
    let body = json!({ "email": email, "role": role });
    service.post(INVITATIONS, by, body).await
}

async fn accept(service: &Service, token: &str) -> Answer {
    let body = json!({ "token": token, "password": PASSWORD });
    service.post(ACCEPT, "", body).await
}

/// Invites somebody, who joins; the answer holds their tokens.
async fn join(service: &Service, mails: &mut Mails, by: &str, email: &str, role: &str) -> Answer {
    let invited = invite(service, by, email, role).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    let mail = mails.to(email).await;
    let joined = accept(service, &token(&mail)).await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.body);
    joined
}

async fn id_of(service: &Service, by: &str, email: &str) -> String {
    let members = service.get(MEMBERS, by).await;
    let items = members.body["items"].as_array().unwrap().clone();
    let member = items.iter().find(|member| member["email"] == email);
    let member = member.unwrap_or_else(|| panic!("no {email} in {items:?}"));
    member["user_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn somebody_new_is_invited_by_mail_joins_and_is_verified() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let invited = invite(&service, &owner, "Ann@Example.com", "member").await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    assert_eq!(invited.body["status"], "pending");
    assert!(invited.body.get("token").is_none());
    let again = invite(&service, &owner, "ann@example.com", "viewer").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(fields(&again.body), ["email"]);

    let mail = mails.to("ann@example.com").await;
    assert!(mail.subject.contains("Tenant acme"), "{}", mail.subject);
    let token = token(&mail);
    let look = json!({ "token": token });
    let seen = service
        .post("/api/v1/auth/invitations/look", "", look)
        .await;
    let expected = json!({ "tenant": "Tenant acme", "slug": "acme", "email": "ann@example.com",
        "role": "member", "account_exists": false });
    assert_eq!(seen.body, expected);

    let short = json!({ "token": token, "password": "short" });
    let short = service.post(ACCEPT, "", short).await;
    assert_eq!(fields(&short.body), ["password"], "{}", short.body);
    let joined = accept(&service, &token).await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.body);
    let profile = service
        .get("/api/v1/auth/profile", &joined.text("access_token"))
        .await;
    assert_eq!(profile.body["role"], "member");
    assert_eq!(profile.body["email_verified"], true);

    let members = service.get(MEMBERS, &joined.text("access_token")).await;
    let items = members.body["items"].as_array().unwrap();
    let addresses: Vec<_> = items.iter().map(|member| &member["email"]).collect();
    assert_eq!(addresses, ["owner@acme.example.com", "ann@example.com"]);
    assert!(items[1]["last_seen_at"].is_string());
    let listed = service.get(INVITATIONS, &owner).await;
    assert_eq!(listed.body["items"][0]["status"], "accepted");
    let again = invite(&service, &owner, "ann@example.com", "viewer").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "a member already");

    let page = service.get(&format!("{MEMBERS}?limit=1"), &owner).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let next = service
        .get(&format!("{MEMBERS}?limit=1&cursor={cursor}"), &owner)
        .await;
    assert_eq!(next.body["items"][0]["email"], "ann@example.com");
    assert_eq!(next.body["next_cursor"], Value::Null);
    mails.end().await;
}

#[tokio::test]
async fn an_account_joins_with_its_own_password_and_an_invitation_works_once() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    service.register("beta").await;
    let email = "owner@beta.example.com";
    invite(&service, &owner, email, "admin").await;
    let mail = mails
        .find(|mail| mail.subject.contains("Tenant acme"))
        .await;
    assert_eq!(mail.recipient, email);
    let token = token(&mail);
    let wrong = json!({ "token": token, "password": "not the password" });
    let wrong = service.post(ACCEPT, "", wrong).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);

    let tries = join_all((0..4).map(|_| accept(&service, &token))).await;
    let joined = tries.iter().filter(|one| one.status == StatusCode::OK);
    assert_eq!(joined.count(), 1, "single use");
    let refused = tries.iter().find(|one| one.status != StatusCode::OK);
    let refused = &refused.unwrap().body;
    assert_eq!(fields(refused), ["token"], "{refused}");
    let joined = tries
        .iter()
        .find(|one| one.status == StatusCode::OK)
        .unwrap();
    let tenants = service
        .get("/api/v1/auth/tenants", &joined.text("access_token"))
        .await;
    let items = tenants.body["items"].as_array().unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|tenant| (&tenant["slug"], &tenant["role"], &tenant["current"]))
        .collect();
    assert_eq!(
        shown,
        [
            (&json!("acme"), &json!("admin"), &json!(true)),
            (&json!("beta"), &json!("owner"), &json!(false))
        ]
    );
    mails.end().await;
}

#[tokio::test]
async fn as_many_as_there_are_connections_join_at_once() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let mut tokens = Vec::new();
    for n in 0..service.config.database.system_pool {
        let email = format!("p{n}@example.com");
        let invited = invite(&service, &owner, &email, "viewer").await;
        assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
        tokens.push(token(&mails.to(&email).await));
    }
    mails.end().await;
    let mut holder = service.owner().await;
    let mut tx = sqlx::Connection::begin(&mut holder).await.unwrap();
    let hold = "select 1 from identity.tenant where slug = 'acme' for update";
    sqlx::query(hold).execute(&mut *tx).await.unwrap();
    let release = async {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        let mut reader = service.owner().await;
        let limit = Instant::now() + Duration::from_secs(30);
        let all = i64::try_from(tokens.len()).unwrap();
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&mut reader)
            .await
            .unwrap()
            < all
        {
            assert!(Instant::now() < limit, "not all of them wait");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // What signs their tokens is to be read anew, and no connection is left to read it with.
        service.state.signing_keys().forget().await;
        tx.commit().await.unwrap();
    };
    let joining = join_all(tokens.iter().map(|token| accept(&service, token)));
    let (answers, ()) = tokio::join!(joining, release);
    for answer in answers {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

#[tokio::test]
async fn sent_again_an_invitation_has_another_token_and_taken_back_it_has_none() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let id = invite(&service, &owner, "ann@example.com", "viewer")
        .await
        .text("id");
    let first = token(&mails.to("ann@example.com").await);
    let resend = format!("{INVITATIONS}/{id}/resend");
    let again = service.post(&resend, &owner, json!({})).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    let second = token(&mails.to("ann@example.com").await);
    let old = accept(&service, &first).await;
    assert_eq!(fields(&old.body), ["token"], "the old one stopped");

    let path = format!("{INVITATIONS}/{id}");
    let gone = service.delete(&path, &owner).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        service.delete(&path, &owner).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(fields(&accept(&service, &second).await.body), ["token"]);
    let late = service.post(&resend, &owner, json!({})).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let listed = service.get(INVITATIONS, &owner).await;
    assert_eq!(listed.body["items"][0]["status"], "revoked");
    mails.end().await;
}

#[tokio::test]
async fn invited_at_once_members_stay_within_the_plan() {
    let (service, owner) = acme().await;
    // Nine may come beside the owner.
    let emails: Vec<String> = (0..20).map(|n| format!("p{n}@example.com")).collect();
    let asked = emails
        .iter()
        .map(|email| invite(&service, &owner, email, "viewer"));
    let answers = join_all(asked).await;
    let created = |answer: &&Answer| answer.status == StatusCode::CREATED;
    assert_eq!(answers.iter().filter(created).count(), 9);
    let told = "select count(*) from identity.outbox where kind = 'quota.warning'";
    let mut reader = service.owner().await;
    let told: i64 = sqlx::query_scalar(told)
        .fetch_one(&mut reader)
        .await
        .unwrap();
    assert_eq!(told, 2, "most of it, and all of it");
    let refused = answers.iter().find(|answer| !created(answer)).unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert_eq!(refused.body["limit"], "members");
    assert_eq!(refused.body["allowed"], 10);
    assert_eq!(refused.body["plan"], "pro");

    let taken_back = answers.iter().find(created).unwrap().text("id");
    let path = format!("{INVITATIONS}/{taken_back}");
    service.delete(&path, &owner).await;
    let room = invite(&service, &owner, "late@example.com", "viewer").await;
    assert_eq!(room.status, StatusCode::CREATED, "{}", room.body);
}

#[tokio::test]
async fn one_owner_stays_however_many_leave_at_once() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let mut owners = vec![owner.clone()];
    for n in 0..3 {
        let email = format!("o{n}@example.com");
        let joined = join(&service, &mut mails, &owner, &email, "owner").await;
        owners.push(joined.text("access_token"));
    }
    let mut ids = vec![id_of(&service, &owner, "owner@acme.example.com").await];
    for n in 0..3 {
        ids.push(id_of(&service, &owner, &format!("o{n}@example.com")).await);
    }
    let leaving = owners.iter().zip(&ids).map(|(token, id)| {
        let path = format!("{MEMBERS}/{id}");
        let service = &service;
        async move { service.delete(&path, token).await }
    });
    let mut statuses: Vec<u16> = join_all(leaving)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 204, 204, 409]);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from identity.membership m join identity.tenant t on t.id = m.tenant_id
         where t.slug = 'acme' and m.role = 'owner'",
    )
    .fetch_one(&mut service.owner().await)
    .await
    .unwrap();
    assert_eq!(left, 1);
    mails.end().await;
}

#[tokio::test]
async fn roles_bind_at_once_and_a_removed_member_is_signed_out() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let admin = join(&service, &mut mails, &owner, "adm@example.com", "admin").await;
    let viewer = join(&service, &mut mails, &owner, "view@example.com", "viewer").await;
    let (admin_id, viewer_id, owner_id) = (
        id_of(&service, &owner, "adm@example.com").await,
        id_of(&service, &owner, "view@example.com").await,
        id_of(&service, &owner, "owner@acme.example.com").await,
    );
    let admin = admin.text("access_token");
    let path = |id: &str| format!("{MEMBERS}/{id}");
    let role = |role: &str| json!({ "role": role });

    for (id, wanted) in [(&viewer_id, "owner"), (&owner_id, "viewer")] {
        let refused = service.patch(&path(id), &admin, role(wanted)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    }
    let refused = service.delete(&path(&owner_id), &admin).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = invite(&service, &admin, "x@example.com", "owner").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let last = service.patch(&path(&owner_id), &owner, role("admin")).await;
    assert_eq!(last.status, StatusCode::CONFLICT, "the last owner");
    let theirs = viewer.text("access_token");
    let refused = service.delete(&path(&admin_id), &theirs).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let changed = service
        .patch(&path(&viewer_id), &admin, role("member"))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["role"], "member");
    // The admin's access token still says so, but an admin is it no more.
    service
        .patch(&path(&admin_id), &owner, role("viewer"))
        .await;
    let stale = service
        .patch(&path(&viewer_id), &admin, role("viewer"))
        .await;
    assert!(
        stale.status == StatusCode::FORBIDDEN || stale.status == StatusCode::UNAUTHORIZED,
        "{}",
        stale.body
    );

    let removed = service.delete(&path(&viewer_id), &owner).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let refresh = service.refresh(&viewer.text("refresh_token")).await;
    assert_eq!(refresh.status, StatusCode::UNAUTHORIZED);
    let unknown = service.delete(&path(&viewer_id), &owner).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    // With a token that says what they are now.
    let viewer = service.login("adm@example.com", PASSWORD).await;
    let viewer = viewer.text("access_token");
    let left = service.delete(&path(&admin_id), &viewer).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT, "anybody may leave");
    mails.end().await;
}

#[tokio::test]
async fn whoever_is_in_no_tenant_any_more_is_forgotten_and_may_come_anew() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let beta = service.register("beta").await.text("access_token");
    join(&service, &mut mails, &owner, "ann@example.com", "member").await;
    let both = "owner@beta.example.com";
    invite(&service, &owner, both, "viewer").await;
    let to_acme = mails
        .find(|mail| mail.recipient == both && mail.subject.contains("Tenant acme"))
        .await;
    let joined = accept(&service, &token(&to_acme)).await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.body);
    let forgot = json!({ "email": "ann@example.com" });
    service
        .post("/api/v1/auth/password/forgot", "", forgot)
        .await;
    mails
        .find(|mail| mail.text.contains("/reset-password#token="))
        .await;
    // Invited once more to another tenant, which is accepted only when she is gone from here.
    let invited = invite(&service, &beta, "ann@example.com", "viewer").await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    let to_beta = mails
        .find(|mail| mail.subject.contains("Tenant beta"))
        .await;

    for email in ["ann@example.com", both] {
        let path = format!("{MEMBERS}/{}", id_of(&service, &owner, email).await);
        let removed = service.delete(&path, &owner).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
    }
    let count = async |sql: &'static str| {
        let mut reader = service.owner().await;
        let counted = sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut reader);
        counted.await.unwrap()
    };
    let people = "select count(*) from identity.user_account where email = 'ann@example.com'";
    assert_eq!(count(people).await, 0);
    let letters = "select count(*) from identity.mail where recipient = 'ann@example.com' and tenant_id is null";
    assert_eq!(count(letters).await, 0);
    let gone = service.login("ann@example.com", PASSWORD).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    let stays = service.login(both, PASSWORD).await;
    assert_eq!(stays.status, StatusCode::OK, "beta is left");

    let anew = accept(&service, &token(&to_beta)).await;
    assert_eq!(anew.status, StatusCode::OK, "{}", anew.body);
    let path = format!(
        "{MEMBERS}/{}",
        id_of(&service, &beta, "ann@example.com").await
    );
    let left = service.delete(&path, &anew.text("access_token")).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT, "{}", left.body);
    let mut body = crate::common::registration("gamma");
    body["email"] = "ann@example.com".into();
    let own = service.post("/api/v1/auth/register", "", body).await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.body);
    mails.end().await;
}

#[tokio::test]
async fn an_invitation_does_not_outlive_the_right_to_send_it() {
    let (service, owner) = acme().await;
    let mut mails = Mails::start(&service).await;
    let second = join(&service, &mut mails, &owner, "o2@example.com", "owner").await;
    let second = second.text("access_token");
    let id = id_of(&service, &owner, "o2@example.com").await;
    let path = format!("{MEMBERS}/{id}");
    for (email, role) in [("x@example.com", "owner"), ("y@example.com", "admin")] {
        let invited = invite(&service, &second, email, role).await;
        assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    }
    invite(&service, &owner, "z@example.com", "viewer").await;
    let statuses = async || {
        let listed = service.get(INVITATIONS, &owner).await;
        let items = listed.body["items"].as_array().unwrap().clone();
        let pick = |email: &str| {
            let found = items.iter().find(|one| one["email"] == email).unwrap();
            found["status"].as_str().unwrap().to_owned()
        };
        ["x@example.com", "y@example.com", "z@example.com"].map(pick)
    };
    let as_owner = token(&mails.to("x@example.com").await);
    let admin = json!({ "role": "admin" });
    let changed = service.patch(&path, &owner, admin).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(statuses().await, ["revoked", "pending", "pending"]);
    assert_eq!(fields(&accept(&service, &as_owner).await.body), ["token"]);
    let removed = service.delete(&path, &owner).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(statuses().await, ["revoked", "revoked", "pending"]);
    mails.end().await;
}

#[tokio::test]
async fn another_tenants_members_and_invitations_do_not_exist() {
    let (service, acme) = acme().await;
    let beta = service.register("beta").await.text("access_token");
    let id = invite(&service, &acme, "ann@example.com", "viewer")
        .await
        .text("id");
    let owner_id = id_of(&service, &acme, "owner@acme.example.com").await;
    assert_eq!(
        service.get(INVITATIONS, &beta).await.body["items"],
        json!([])
    );
    let members = service.get(MEMBERS, &beta).await;
    assert_eq!(members.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(members.body["items"][0]["email"], "owner@beta.example.com");
    let unknown = uuid::Uuid::now_v7().to_string();
    for (theirs, unknown) in [
        (
            service.delete(&format!("{INVITATIONS}/{id}"), &beta).await,
            service
                .delete(&format!("{INVITATIONS}/{unknown}"), &beta)
                .await,
        ),
        (
            service
                .post(&format!("{INVITATIONS}/{id}/resend"), &beta, json!({}))
                .await,
            service
                .post(&format!("{INVITATIONS}/{unknown}/resend"), &beta, json!({}))
                .await,
        ),
        (
            service
                .delete(&format!("{MEMBERS}/{owner_id}"), &beta)
                .await,
            service.delete(&format!("{MEMBERS}/{unknown}"), &beta).await,
        ),
    ] {
        assert_eq!(theirs.status, StatusCode::NOT_FOUND);
        assert_eq!((theirs.status, theirs.body), (unknown.status, unknown.body));
    }
}
