//! Tenants, people, credentials and the audit log.

use serde_json::json;

use super::caller::PASSWORD;
use super::case::{Case, Done, Needs, case, delete, get, patch, post};

pub fn cases() -> Vec<Case> {
    use Needs::{Admin, Person, Public, Read};
    vec![
        case("jwks", Public, get("/.well-known/jwks.json")),
        case(
            "openid_configuration",
            Public,
            get("/.well-known/openid-configuration"),
        ),
        case("list_plans", Public, get("/api/v1/plans")),
        case(
            "register",
            Public,
            post("/api/v1/auth/register").with(json!({
                "tenant": "Another of {slug}", "slug": "{slug}-2", "email": "second@{slug}.example",
                "password": PASSWORD,
            })),
        )
        .done(Done::WhereItSignsIn),
        case(
            "login",
            Public,
            post("/api/v1/auth/login")
                .with(json!({ "email": "owner@{slug}.example", "password": PASSWORD })),
        )
        .done(Done::WhereItSignsIn)
        .gives("refresh_token", "/refresh_token"),
        case(
            "refresh",
            Public,
            post("/api/v1/auth/refresh").with(json!({ "refresh_token": "{refresh_token}" })),
        )
        .done(Done::WhereItSignsIn)
        .gives("refresh_token", "/refresh_token"),
        case(
            "logout",
            Public,
            post("/api/v1/auth/logout").with(json!({ "refresh_token": "{refresh_token}" })),
        ),
        case("get_profile", Person, get("/api/v1/auth/profile")),
        case(
            "change_profile",
            Person,
            patch(
                "/api/v1/auth/profile",
                json!({ "new_password": PASSWORD, "current_password": PASSWORD }),
            ),
        ),
        case("get_tenant", Read, get("/api/v1/tenant")),
        case(
            "change_tenant",
            Admin,
            patch("/api/v1/tenant", json!({ "name": "Renamed" })),
        ),
        case("list_api_keys", Admin, get("/api/v1/api-keys")),
        case(
            "create_api_key",
            Admin,
            post("/api/v1/api-keys").with(json!({ "name": "walk", "scopes": ["read"] })),
        )
        .gives("api_key", "/id"),
        case(
            "revoke_api_key",
            Admin,
            delete("/api/v1/api-keys/{api_key}"),
        ),
        case("list_audit_log", Admin, get("/api/v1/audit-log"))
            .also(get("/api/v1/audit-log?actor={api_key}"))
            .also(get("/api/v1/audit-log?subject=api_key:{api_key}")),
        case("audit_log_csv", Admin, get("/api/v1/audit-log.csv"))
            .also(get("/api/v1/audit-log.csv?subject=api_key:{api_key}")),
    ]
}
