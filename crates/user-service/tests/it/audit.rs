//! Who did what is kept, by and for the tenant it concerns.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use lifecycle::Lifecycle;
use sea_orm::sqlx;
use serde_json::{Value, json};

use crate::common::mails::{Mails, token};
use crate::common::{PASSWORD, Service};

const LOG: &str = "/api/v1/audit-log";
const KEYS: &str = "/api/v1/api-keys";

/// A service whose loops run, until it is dropped.
struct Running {
    service: Service,
    life: Lifecycle,
}

impl Running {
    async fn start() -> Self {
        let service = Service::start().await;
        let life = Lifecycle::new(Duration::from_secs(5));
        user_service::consumers(service.state.clone(), &life);
        Self { service, life }
    }

    /// The tenant's lines once there is one of this action and outcome.
    async fn lines(&self, token: &str, action: &str, outcome: &str) -> Vec<Value> {
        let path = format!("{LOG}?action={action}&outcome={outcome}");
        let asked = async {
            loop {
                let answer = self.service.get(&path, token).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
                let items = answer.body["items"].as_array().unwrap().clone();
                if !items.is_empty() {
                    return items;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked)
            .await
            .unwrap_or_else(|_| panic!("no line of {action}, {outcome}"))
    }

    async fn stop(self) {
        self.life.stop();
        self.life.drained().await;
    }
}

#[tokio::test]
async fn what_is_done_and_what_is_refused_stand_in_the_log_with_who_and_from_where() {
    let running = Running::start().await;
    let service = &running.service;
    let token = service.register("acme").await.text("access_token");
    let registered = running.lines(&token, "register", "done").await.remove(0);
    assert_eq!(registered["actor"]["kind"], "user");
    assert_eq!(registered["actor"]["name"], "owner@acme.example.com");
    assert_eq!(registered["subject"]["kind"], "tenant");

    let body = json!({ "name": "export", "scopes": ["read"] });
    let headers = [("user-agent", "=curl"), ("idempotency-key", "once")];
    for _ in 0..2 {
        // The second is answered from what was kept.
        let made = service
            .send_with(Method::POST, KEYS, &token, Some(body.clone()), &headers)
            .await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
    let key = service.post(KEYS, &token, body.clone()).await;
    let (key, id) = (key.text("key"), key.text("id"));
    let refused = service.post(KEYS, &key, body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let line = running
        .lines(&token, "create_api_key", "refused")
        .await
        .remove(0);
    assert_eq!(line["actor"]["kind"], "api_key");
    assert_eq!(line["actor"]["name"], "export");
    assert_eq!(line["credential"], json!(id));
    assert_eq!(line["status"], 403);
    assert!(line["reason"].as_str().unwrap().contains("scope"));
    let mut done = running.lines(&token, "create_api_key", "done").await;
    assert_eq!(done.len(), 2, "one for each key that was made: {done:?}");
    let first = done.remove(1);
    assert_eq!(first["user_agent"], "=curl");
    assert_eq!(first["details"]["name"], "export");
    assert_eq!(first["subject"]["kind"], "api_key");

    // A table of the same, in which what a stranger wrote is no formula.
    let table = service.get_text(&format!("{LOG}.csv"), &token).await;
    assert!(table.contains("\"'=curl\""), "{table}");
    assert_eq!(table.lines().count(), 5, "{table}");

    // Another tenant sees its own lines alone, and so does who reads without being an admin.
    let other = service.register("beta").await.text("access_token");
    running.lines(&other, "register", "done").await;
    let all = service.get(LOG, &other).await.body;
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
    assert_eq!(
        service.get(LOG, &key).await.status,
        StatusCode::FORBIDDEN,
        "a log tells much about people"
    );
    running.stop().await;
}

#[tokio::test]
async fn who_tries_anothers_password_is_told_to_those_it_concerns() {
    let running = Running::start().await;
    let service = &running.service;
    let token = service.register("acme").await.text("access_token");
    let wrong = service.login("owner@acme.example.com", "not it").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let line = running.lines(&token, "login", "refused").await.remove(0);
    assert_eq!(line["actor"]["kind"], "anonymous");
    assert_eq!(line["subject"]["kind"], "user");
    assert_eq!(line["status"], 401);

    let pair = service.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(pair.status, StatusCode::OK);
    running.lines(&token, "login", "done").await;
    let refresh = pair.text("refresh_token");
    assert_eq!(service.refresh(&refresh).await.status, StatusCode::OK);
    assert_eq!(
        service.refresh(&refresh).await.status,
        StatusCode::UNAUTHORIZED
    );
    let replayed = running.lines(&token, "refresh", "refused").await.remove(0);
    assert_eq!(replayed["details"]["replayed"], true);
    assert_eq!(replayed["actor"]["kind"], "user");
    running.stop().await;
}

#[tokio::test]
async fn why_one_tenant_is_closed_is_not_told_to_another_one_of_the_same_person() {
    let running = Running::start().await;
    let service = &running.service;
    let email = "both@example.com";
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", email, PASSWORD);
        ensured.await.unwrap();
    }
    let login = async |slug: &str| {
        let body = json!({ "email": email, "password": PASSWORD, "slug": slug });
        service.post("/api/v1/auth/login", "", body).await
    };
    let one = login("one").await.text("access_token");
    let switch = async |handoff: bool| {
        let body = json!({ "slug": "two", "handoff": handoff });
        service.post("/api/v1/auth/switch", &one, body).await.status
    };
    assert_eq!(switch(true).await, StatusCode::OK);
    let mut owner = service.owner().await;
    let suspend =
        "update identity.tenant set status = 'suspended', suspended_for = 'Bills are open.'
                   where slug = 'two'";
    sqlx::query(suspend).execute(&mut owner).await.unwrap();
    assert_eq!(login("two").await.status, StatusCode::FORBIDDEN);
    assert_eq!(switch(false).await, StatusCode::FORBIDDEN);
    assert_eq!(switch(true).await, StatusCode::FORBIDDEN);

    let told = "select t.slug from identity.audit_entry e left join identity.tenant t on t.id = e.tenant_id
                where e.outcome = 'refused' and e.reason like '%Bills are open.%'";
    let told = async {
        loop {
            let slugs: Vec<Option<String>> = sqlx::query_scalar(told)
                .fetch_all(&mut owner)
                .await
                .unwrap();
            if slugs.len() >= 3 {
                return slugs;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), told).await;
    assert_eq!(told.unwrap(), vec![Some("two".to_owned()); 3]);
    let handed = running.lines(&one, "switch_tenant", "done").await.remove(0);
    assert_eq!(
        handed["subject"]["kind"], "user",
        "and not the other tenant"
    );
    running.stop().await;
}

#[tokio::test]
async fn what_a_link_from_the_mailbox_did_is_told_to_every_tenant_of_the_person() {
    let service = Service::start_with(|config| {
        config.mail.smtp_url = "smtp://127.0.0.1:9".into();
        config.mail.from = "Bellwether <bw@example.com>".to_owned();
    })
    .await;
    let mut mails = Mails::start(&service).await;
    let email = "both@example.com";
    for slug in ["one", "two"] {
        let ensured =
            user_service::operator::ensure_demo(&service.state, slug, slug, "pro", email, PASSWORD);
        ensured.await.unwrap();
    }
    let ask = json!({ "email": email });
    service.post("/api/v1/auth/password/forgot", "", ask).await;
    let link = mails.find(|mail| mail.text.contains("#token=")).await;
    let body = json!({ "token": token(&link), "password": "another horse battery" });
    let path = "/api/v1/auth/password/reset";
    let set = service.post(path, "", body).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.body);
    let told = "select coalesce(t.slug, '') || ' ' || e.actor_kind || ' ' || (e.actor_id::text = e.subject_id)::text
                from identity.audit_entry e left join identity.tenant t on t.id = e.tenant_id
                where e.action = 'reset_password' and e.outcome = 'done' order by 1";
    assert_eq!(
        lines(&service, told, 3).await,
        [" user true", "one user true", "two user true"]
    );
    let made = "select t.slug || ' ' || e.action || ' ' || e.actor_kind
                from identity.audit_entry e join identity.tenant t on t.id = e.tenant_id
                where e.actor_kind = 'operator' order by 1";
    assert_eq!(
        lines(&service, made, 5).await,
        [
            "one create_tenant operator",
            "one create_user operator",
            "one make_owner operator",
            "two create_tenant operator",
            "two make_owner operator"
        ]
    );
    mails.end().await;
}

/// What a statement selects once there are as many rows.
async fn lines(service: &Service, sql: &'static str, rows: usize) -> Vec<String> {
    let mut owner = service.owner().await;
    let asked = async {
        loop {
            let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut owner).await.unwrap();
            if found.len() >= rows {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asked)
        .await
        .expect("they are told")
}

#[tokio::test]
async fn a_page_of_the_log_goes_on_where_the_one_before_ended() {
    let running = Running::start().await;
    let service = &running.service;
    let token = service.register("acme").await.text("access_token");
    let body = json!({ "name": "export", "scopes": ["read"] });
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(service.post(KEYS, &token, body.clone()).await.text("id"));
    }
    made.reverse();
    while running.lines(&token, "create_api_key", "done").await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut told = Vec::new();
    let mut path = format!("{LOG}?limit=1&subject=api_key");
    loop {
        let page = service.get(&path, &token).await.body;
        for item in page["items"].as_array().unwrap() {
            told.push(item["subject"]["id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{LOG}?limit=1&subject=api_key&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(told, made);
    let one = format!("{LOG}?subject=api_key:{}", made[0]);
    let one = service.get(&one, &token).await.body;
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn lines_are_only_ever_added_and_go_by_whole_months() {
    let service = Service::start().await;
    let mut owner = service.owner().await;
    let mut change = async |sql: &'static str| {
        let mut tx = sqlx::Connection::begin(&mut owner).await.unwrap();
        let login = sqlx::raw_sql("set local role bw_identity_system");
        login.execute(&mut *tx).await.unwrap();
        let changed = sqlx::raw_sql(sql).execute(&mut *tx).await;
        tx.commit().await.unwrap();
        changed.map_err(|error| error.to_string())
    };
    for refused in [
        "update identity.audit_entry set action = 'nothing'",
        "delete from identity.audit_entry",
        "truncate identity.audit_entry",
    ] {
        let error = change(refused).await.unwrap_err();
        assert!(error.contains("permission denied"), "{refused}: {error}");
    }
    let soon = change("select identity.drop_audit_months(current_date)").await;
    assert!(soon.unwrap_err().contains("30 days"));
    change("select identity.ensure_audit_months(current_date - 400, current_date)")
        .await
        .unwrap();
    change("select identity.drop_audit_months(current_date - 100)")
        .await
        .unwrap();
    let oldest: String = sqlx::query_scalar(
        "select min(inhrelid::regclass::text) from pg_inherits where inhparent = 'identity.audit_entry'::regclass",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    let expected: String = sqlx::query_scalar(
        "select 'identity.audit_entry_' || to_char(current_date - 100, 'YYYYMM')",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(oldest, expected);
}
