//! One tenant's things do not exist for another.

use axum::http::{Method, StatusCode};
use devstack::testing::ROLE_SECRET;
use sea_orm::sqlx::{self, Connection, PgConnection, Row};
use serde_json::json;
use uuid::Uuid;

use crate::common::Service;

const KEYS: &str = "/api/v1/api-keys";

#[tokio::test]
async fn another_tenants_key_is_the_same_404_as_an_unknown_one() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let beta = service.register("beta").await.text("access_token");
    let created = service
        .post(KEYS, &acme, json!({ "name": "export", "scopes": ["read"] }))
        .await;
    let id = created.text("id");

    assert_eq!(service.get(KEYS, &beta).await.body["items"], json!([]));
    let delete = async |id: &str| {
        service
            .send(Method::DELETE, &format!("{KEYS}/{id}"), &beta, None)
            .await
    };
    let theirs = delete(&id).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    for unknown in [Uuid::now_v7().to_string(), "nonsense".to_owned()] {
        let answer = delete(&unknown).await;
        assert_eq!(
            (answer.status, answer.body),
            (theirs.status, theirs.body.clone())
        );
    }
    let still = service.get("/api/v1/tenant", &created.text("key")).await;
    assert_eq!(still.body["slug"], "acme", "untouched");
}

#[tokio::test]
async fn a_subdomain_that_names_another_tenant_is_refused() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    let ask = async |host| {
        let headers = [("host", host)];
        service
            .send_with(Method::GET, "/api/v1/tenant", &acme, None, &headers)
            .await
            .status
    };
    assert_eq!(ask("acme.localhost:8080").await, StatusCode::OK);
    assert_eq!(ask("localhost:8080").await, StatusCode::OK);
    assert_eq!(ask("beta.localhost:8080").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_tenant_the_api_login_sees_no_row() {
    let service = Service::start().await;
    let token = service.register("acme").await.text("access_token");
    let headers = [("idempotency-key", "once")];
    let body = Some(json!({ "name": "export", "scopes": ["read"] }));
    let created = service
        .send_with(Method::POST, KEYS, &token, body, &headers)
        .await;
    assert_eq!(created.status, StatusCode::CREATED);

    let mut owner = service.owner().await;
    let tables = sqlx::query(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'identity'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'tenant_id'",
    );
    let tables: Vec<String> = tables
        .fetch_all(&mut owner)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(tables.len() >= 6, "{tables:?}");
    let url = migrations::roles::IDENTITY_API
        .url(&service.env.database_url, ROLE_SECRET)
        .unwrap();
    let mut api = PgConnection::connect(&url).await.unwrap();
    let mut filled = 0;
    for table in tables.iter().chain([&"tenant".to_owned()]) {
        let count =
            |from: &str| sqlx::AssertSqlSafe(format!("select count(*) from identity.{from}"));
        let all: i64 = sqlx::query_scalar(count(table))
            .fetch_one(&mut owner)
            .await
            .unwrap();
        filled += i32::from(all > 0);
        // A partition may deny the login altogether, which is as good.
        match sqlx::query_scalar::<_, i64>(count(table))
            .fetch_one(&mut api)
            .await
        {
            Ok(seen) => assert_eq!(seen, 0, "identity.{table}"),
            Err(error) => assert!(
                error.to_string().contains("permission denied"),
                "{table}: {error}"
            ),
        }
    }
    assert!(filled >= 6, "the look was at rows that exist");
    for secret in ["user_account", "signing_key"] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from identity.{secret}"));
        let denied = sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&mut api)
            .await;
        assert!(
            denied
                .unwrap_err()
                .to_string()
                .contains("permission denied"),
            "{secret}"
        );
    }
    api.close().await.unwrap();
    owner.close().await.unwrap();
}
