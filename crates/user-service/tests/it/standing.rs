//! Tenants that are renamed, suspended, deleted and restored.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::identity::v1::tenants_client::TenantsClient;
use contracts::identity::v1::{
    DeleteTenantRequest, FindMovedRequest, GetStandingRequest, ListTenantsRequest,
    ResumeTenantRequest, SetTenantPlanRequest, ShowTenantRequest, SuspendTenantRequest,
};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, TenantStanding};
use prost::Message;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::json;
use tonic::Code;

use crate::common::{Answer, PASSWORD, Service, fields, registration};

const TENANT: &str = "/api/v1/tenant";
const RESTORE: &str = "/api/v1/tenant/restore";

/// The tenants' gRPC side as one of our processes.
fn tenants(service: &Service, token: &str) -> TenantsClient<rpc::Channel> {
    TenantsClient::new(service.channel(token))
}

async fn patch(service: &Service, credential: &str, change: serde_json::Value) -> Answer {
    service
        .send(Method::PATCH, TENANT, credential, Some(change))
        .await
}

/// What was told last about how a tenant stands.
async fn told(service: &Service) -> (bool, i64) {
    let mut owner = service.owner().await;
    let sql = "select message from identity.outbox where kind = 'tenant.standing' order by version desc limit 1";
    let message: Vec<u8> = sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap();
    let event = Event::decode(message.as_slice()).unwrap();
    match event.payload.unwrap() {
        Payload::TenantStanding(TenantStanding { stopped }) => (stopped, event.version),
        other => panic!("{other:?}"),
    }
}

/// Waits until what was known of how tenants stand is asked anew: a state of its own, as a process that just started.
async fn fresh(service: &Service) -> crate::common::Client {
    crate::common::Client::of(crate::common::wire(&service.config).await)
}

#[tokio::test]
async fn a_tenant_chooses_its_currency_and_what_a_rise_looks_like() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let shown = service.get(TENANT, &acme).await.body;
    assert_eq!(
        (
            &shown["base_currency"],
            &shown["rise_color"],
            &shown["delete_at"]
        ),
        (&json!("USD"), &json!("green"), &json!(null))
    );
    let change = json!({ "base_currency": "cny", "rise_color": "red" });
    let changed = patch(&service, &acme, change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.text("base_currency"), "CNY");
    assert_eq!(changed.text("rise_color"), "red");
    for (field, value) in [
        ("base_currency", "ZZZ"),
        ("rise_color", "blue"),
        ("slug", "a.b"),
    ] {
        let refused = patch(&service, &acme, json!({ field: value })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(fields(&refused.body), [field]);
    }
}

#[tokio::test]
async fn a_slug_that_is_given_up_leads_to_its_tenant_and_is_nobody_elses() {
    let service = Service::start().await;
    let acme = service.register("acme").await;
    let token = acme.text("access_token");
    let beta = service.register("beta").await.text("access_token");
    for taken in ["beta", "www"] {
        let refused = patch(&service, &token, json!({ "slug": taken })).await;
        assert!(refused.status.is_client_error(), "{taken}");
        assert_eq!(fields(&refused.body), ["slug"]);
    }
    let renamed = patch(
        &service,
        &token,
        json!({ "slug": "Zenith", "name": "Zenith" }),
    )
    .await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.body);
    assert_eq!(renamed.text("slug"), "zenith");

    let core = tenants(&service, "c");
    let moved = |slug: &str| {
        let (mut core, slug) = (core.clone(), slug.to_owned());
        async move {
            let answer = core.find_moved(FindMovedRequest { slug }).await.unwrap();
            answer.into_inner().slug
        }
    };
    assert_eq!(moved("acme").await, "zenith");
    assert_eq!(
        (moved("zenith").await, moved("none").await),
        Default::default()
    );
    let stranger = service
        .post("/api/v1/auth/register", "", {
            let mut body = registration("acme");
            body["email"] = "someone@else.example".into();
            body
        })
        .await;
    assert_eq!(stranger.status, StatusCode::CONFLICT);
    let refused = patch(&service, &beta, json!({ "slug": "acme" })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);

    // The session goes on and its next token names the new slug.
    let process = fresh(&service).await;
    let renewed = process.refresh(&acme.text("refresh_token")).await;
    let host = [("host", "zenith.localhost")];
    let shown = process
        .send_with(
            Method::GET,
            TENANT,
            &renewed.text("access_token"),
            None,
            &host,
        )
        .await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);

    // The token before names a slug that is not the tenant's any more.
    let renewed = renewed.text("access_token");
    let back = json!({ "slug": "acme" });
    let back = process.patch(TENANT, &renewed, back).await;
    assert_eq!(back.text("slug"), "acme");
    assert_eq!(
        (moved("zenith").await, moved("acme").await),
        ("acme".to_owned(), String::new())
    );
}

#[tokio::test]
async fn nobody_collects_slugs() {
    let service = Service::start().await;
    let acme = service.register("acme").await;
    let mut refresh = acme.text("refresh_token");
    // Access tokens name the slug, so each rename is asked for with a new one.
    let mut rename = async |slug: &str| {
        let process = fresh(&service).await;
        let renewed = process.refresh(&refresh).await;
        refresh = renewed.text("refresh_token");
        let token = renewed.text("access_token");
        process.patch(TENANT, &token, json!({ "slug": slug })).await
    };
    for slug in ["beta", "gamma", "delta"] {
        let renamed = rename(slug).await;
        assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.body);
    }
    let refused = rename("epsilon").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert_eq!(fields(&refused.body), ["slug"]);
    let detail = refused.text("detail");
    let at = detail.rsplit(' ').next().unwrap().trim_end_matches('.');
    let at: DateTime<Utc> = at.parse().unwrap();
    assert!((at - Utc::now() - TimeDelta::days(30)).abs() < TimeDelta::minutes(1));
    for own in ["delta", "acme", "delta"] {
        let renamed = rename(own).await;
        assert_eq!(renamed.status, StatusCode::OK, "{own}: {}", renamed.body);
    }
    let over = "update identity.slug_hold set held_until = now() where slug = 'beta'";
    let mut owner = service.owner().await;
    sqlx::query(over).execute(&mut owner).await.unwrap();
    assert_eq!(rename("epsilon").await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_an_owner_chooses_the_slug() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let key = json!({ "name": "admin", "scopes": ["admin"] });
    let key = service
        .post("/api/v1/api-keys", &acme, key)
        .await
        .text("key");
    let refused = patch(&service, &key, json!({ "slug": "zenith" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let allowed = patch(&service, &key, json!({ "name": "Zenith" })).await;
    assert_eq!(allowed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_suspended_tenant_is_closed_with_its_reason_until_it_is_resumed() {
    let service = Service::start().await;
    let acme = service.register("acme").await;
    let (token, refresh) = (acme.text("access_token"), acme.text("refresh_token"));
    let key = json!({ "name": "reader", "scopes": ["read"] });
    let key = service
        .post("/api/v1/api-keys", &token, key)
        .await
        .text("key");
    let mut operator = tenants(&service, "o");
    let suspend = SuspendTenantRequest {
        slug: "acme".to_owned(),
        reason: "Bills are open.".to_owned(),
    };
    let suspended = operator.suspend_tenant(suspend.clone()).await.unwrap();
    assert_eq!(suspended.into_inner().status, "suspended");
    assert!(told(&service).await.0);

    let process = fresh(&service).await;
    let answers = [
        process.get(TENANT, &token).await,
        process.get(TENANT, &key).await,
        process.login("owner@acme.example.com", PASSWORD).await,
        process.refresh(&refresh).await,
    ];
    for answer in answers {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
        assert!(answer.text("detail").contains("Bills are open."));
        assert_eq!(answer.text("tenant_status"), "suspended");
    }
    let refused = process.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(refused.text("reason"), "Bills are open.");
    let standing = GetStandingRequest {
        tenant_id: operator
            .show_tenant(ShowTenantRequest {
                slug: "acme".to_owned(),
            })
            .await
            .unwrap()
            .into_inner()
            .id,
    };
    let standing = tenants(&service, "c").get_standing(standing).await.unwrap();
    assert_eq!(standing.into_inner().reason, "Bills are open.");

    let resume = ResumeTenantRequest {
        slug: "acme".to_owned(),
    };
    operator.resume_tenant(resume.clone()).await.unwrap();
    assert!(!told(&service).await.0);
    let process = fresh(&service).await;
    assert_eq!(process.get(TENANT, &key).await.status, StatusCode::OK);
    let renewed = process.refresh(&refresh).await;
    assert_eq!(renewed.status, StatusCode::OK, "nothing was ended");

    let twice = operator.resume_tenant(resume).await.unwrap_err();
    assert!(twice.message().contains("not suspended"), "{twice}");
    let unknown = SuspendTenantRequest {
        slug: "nobody".to_owned(),
        ..suspend.clone()
    };
    let unknown = operator.suspend_tenant(unknown).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    for other in ["u", "c", "r", "w"] {
        let refused = tenants(&service, other)
            .suspend_tenant(suspend.clone())
            .await;
        assert_eq!(
            refused.unwrap_err().code(),
            Code::PermissionDenied,
            "{other}"
        );
    }
}

#[tokio::test]
async fn operators_list_tenants_and_move_them_to_plans() {
    let service = Service::start().await;
    for slug in ["acme", "beta", "gamma"] {
        service.register(slug).await;
    }
    let mut operator = tenants(&service, "o");
    let plan = |slug: &str, plan: &str| SetTenantPlanRequest {
        slug: slug.to_owned(),
        plan: plan.to_owned(),
    };
    let moved = operator.set_tenant_plan(plan("beta", "pro")).await.unwrap();
    assert_eq!(moved.into_inner().plan, "pro");
    let refused = operator.set_tenant_plan(plan("beta", "gold")).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    let list = ListTenantsRequest {
        status: String::new(),
        after: "acme".to_owned(),
        limit: 1,
    };
    let listed = operator.list_tenants(list).await.unwrap().into_inner();
    let beta = &listed.tenants[0];
    assert_eq!((beta.slug.as_str(), beta.members), ("beta", 1));
    assert_eq!(beta.owners, ["owner@beta.example.com"]);
    assert_eq!(listed.tenants.len(), 1);
}

#[tokio::test]
async fn an_owner_deletes_the_tenant_and_takes_it_back() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let key = json!({ "name": "admin", "scopes": ["admin"] });
    let key = service
        .post("/api/v1/api-keys", &acme, key)
        .await
        .text("key");
    let delete = |credential: String, slug: &str, password: &str| {
        let body = json!({ "slug": slug, "password": password });
        let service = &service;
        async move {
            service
                .send(Method::DELETE, TENANT, &credential, Some(body))
                .await
        }
    };
    let wrong = delete(acme.clone(), "beta", PASSWORD).await;
    assert_eq!(fields(&wrong.body), ["slug"]);
    let wrong = delete(acme.clone(), "acme", "wrong").await;
    assert_eq!(fields(&wrong.body), ["password"]);
    let wrong = delete(key.clone(), "acme", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);

    let deleted = delete(acme.clone(), " ACME ", PASSWORD).await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED, "{}", deleted.body);
    let at: DateTime<Utc> = deleted.text("delete_at").parse().unwrap();
    assert!((at - Utc::now() - TimeDelta::days(30)).abs() < TimeDelta::minutes(1));
    assert!(told(&service).await.0);
    let again = delete(acme.clone(), "acme", PASSWORD).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    let process = fresh(&service).await;
    let shown = process.get(TENANT, &acme).await;
    assert_eq!(shown.text("status"), "deleting");
    let refused = process.get(TENANT, &key).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.text("tenant_status"), "deleting");
    let elsewhere = process.get("/api/v1/api-keys", &acme).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let signed_in = process.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::OK, "an owner may come back");
    let become_one = async |role: &str| {
        let mut owner = service.owner().await;
        let update = sqlx::query("update identity.membership set role = $1").bind(role);
        update.execute(&mut owner).await.unwrap();
    };
    become_one("admin").await;
    let refused = process.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    become_one("owner").await;

    let restored = process.post(RESTORE, &acme, json!({})).await;
    assert_eq!(restored.status, StatusCode::OK, "{}", restored.body);
    assert_eq!(restored.text("status"), "active");
    assert!(!told(&service).await.0);
    let process = fresh(&service).await;
    assert_eq!(process.get(TENANT, &key).await.status, StatusCode::OK);
    let twice = process.post(RESTORE, &acme, json!({})).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_is_due_cannot_be_restored_and_an_operator_may_hasten() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let mut operator = tenants(&service, "o");
    let delete = |now| DeleteTenantRequest {
        slug: "acme".to_owned(),
        now,
    };
    operator.delete_tenant(delete(false)).await.unwrap();
    let again = operator.delete_tenant(delete(false)).await.unwrap_err();
    assert!(again.message().contains("restored until then"), "{again}");
    let hastened = operator.delete_tenant(delete(true)).await.unwrap();
    assert_eq!(hastened.into_inner().status, "deleting");
    let process = fresh(&service).await;
    let late = process.post(RESTORE, &acme, json!({})).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    let version: i64 = sqlx::query_scalar(AssertSqlSafe(
        "select version from identity.tenant".to_owned(),
    ))
    .fetch_one(&mut service.owner().await)
    .await
    .unwrap();
    assert_eq!(version, 3);
}
