//! A tenant's own settings.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::common::{Service, fields, registration};

const TENANT: &str = "/api/v1/tenant";

#[tokio::test]
async fn a_tenant_has_a_time_zone_and_a_language_and_changes_only_its_own() {
    let service = Service::start().await;
    let mut body = registration("acme");
    body["time_zone"] = "Asia/Shanghai".into();
    body["locale"] = "zh-Hans".into();
    let acme = service.post("/api/v1/auth/register", "", body).await;
    assert_eq!(acme.status, StatusCode::CREATED, "{}", acme.body);
    let acme = acme.text("access_token");
    let beta = service.register("beta").await.text("access_token");
    let shown = service.get(TENANT, &acme).await;
    assert_eq!(
        (shown.text("time_zone"), shown.text("locale")),
        ("Asia/Shanghai".to_owned(), "zh-Hans".to_owned())
    );
    let theirs = service.get(TENANT, &beta).await.body;
    assert_eq!(
        (&theirs["time_zone"], &theirs["locale"]),
        (&json!("UTC"), &json!("en"))
    );

    let change = json!({ "time_zone": "Europe/Berlin", "name": " Acme " });
    let changed = service
        .send(Method::PATCH, TENANT, &acme, Some(change))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.text("time_zone"), "Europe/Berlin");
    assert_eq!(
        (changed.text("name"), changed.text("locale")),
        ("Acme".to_owned(), "zh-Hans".to_owned())
    );
    assert_eq!(service.get(TENANT, &acme).await.body, changed.body);
    assert_eq!(service.get(TENANT, &beta).await.body, theirs, "untouched");
}

#[tokio::test]
async fn what_is_no_time_zone_or_language_is_refused() {
    let service = Service::start().await;
    let acme = service.register("acme").await.text("access_token");
    for (field, value) in [
        ("time_zone", "Moon/Sea"),
        ("time_zone", ""),
        ("locale", "tlh"),
        ("name", " "),
    ] {
        let change = Some(json!({ field: value }));
        let refused = service.send(Method::PATCH, TENANT, &acme, change).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(fields(&refused.body), [field]);
    }
    let mut body = registration("beta");
    body["time_zone"] = "+08:00".into();
    let refused = service.post("/api/v1/auth/register", "", body).await;
    assert_eq!(fields(&refused.body), ["time_zone"]);

    let reader = json!({ "name": "reader", "scopes": ["read", "write"] });
    let key = service
        .post("/api/v1/api-keys", &acme, reader)
        .await
        .text("key");
    let change = Some(json!({ "time_zone": "UTC" }));
    let denied = service.send(Method::PATCH, TENANT, &key, change).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}
