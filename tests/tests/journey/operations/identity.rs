//! Tenants, people, credentials and the audit log.

use serde_json::json;

use super::caller::PASSWORD;
use super::case::{Case, Done, Needs, case, delete, get, patch, post};

pub fn cases() -> Vec<Case> {
    use Needs::{Admin, Owner, Person, Public, Read};
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
        case("list_sessions", Person, get("/api/v1/auth/sessions")),
        case(
            "end_session",
            Person,
            delete("/api/v1/auth/sessions/{session}"),
        ),
        case(
            "end_other_sessions",
            Person,
            delete("/api/v1/auth/sessions"),
        ),
        case("list_own_tenants", Person, get("/api/v1/auth/tenants")),
        case(
            "switch_tenant",
            Person,
            post("/api/v1/auth/switch").with(json!({ "slug": "{slug}" })),
        )
        .done(Done::WhereItSignsIn),
        case(
            "take_over",
            Public,
            post("/api/v1/auth/handoff")
                .with(json!({ "code": "{handoff}" }))
                .at("{slug}.localhost"),
        )
        .done(Done::WhereItSignsIn),
        case(
            "send_verification",
            Person,
            post("/api/v1/auth/email/verification"),
        ),
        case(
            "verify_email",
            Public,
            post("/api/v1/auth/email/verify").with(json!({ "token": "{verification}" })),
        )
        .done(Done::InTheInstallation),
        case(
            "forgot_password",
            Public,
            post("/api/v1/auth/password/forgot").with(json!({ "email": "nobody@{slug}.example" })),
        )
        .done(Done::InTheInstallation),
        case(
            "reset_password",
            Public,
            post("/api/v1/auth/password/reset")
                .with(json!({ "token": "{reset}", "password": "another horse battery staple" })),
        )
        .done(Done::InTheInstallation),
        case(
            "look_at_invitation",
            Public,
            post("/api/v1/auth/invitations/look").with(json!({ "token": "{invited}" })),
        )
        .done(Done::InTheInstallation),
        case(
            "accept_invitation",
            Public,
            post("/api/v1/auth/invitations/accept")
                .with(json!({ "token": "{invited}", "password": PASSWORD })),
        )
        .done(Done::WhereItSignsIn),
        // A new password ends what is open, codes to go on elsewhere among it.
        case(
            "change_profile",
            Person,
            patch(
                "/api/v1/auth/profile",
                json!({ "new_password": PASSWORD, "current_password": PASSWORD }),
            ),
        ),
        case("list_members", Read, get("/api/v1/members")),
        case(
            "change_member",
            Admin,
            patch("/api/v1/members/{member}", json!({ "role": "member" })),
        ),
        case("remove_member", Admin, delete("/api/v1/members/{member}")),
        case("list_invitations", Admin, get("/api/v1/invitations")),
        case(
            "create_invitation",
            Admin,
            post("/api/v1/invitations")
                .with(json!({ "email": "asked@{slug}.example", "role": "viewer" })),
        )
        .gives("invitation", "/id"),
        case(
            "resend_invitation",
            Admin,
            post("/api/v1/invitations/{invitation}/resend"),
        ),
        case(
            "revoke_invitation",
            Admin,
            delete("/api/v1/invitations/{invitation}"),
        ),
        case("get_usage", Read, get("/api/v1/usage")),
        case("get_tenant", Read, get("/api/v1/tenant")),
        case(
            "change_tenant",
            Admin,
            patch("/api/v1/tenant", json!({ "name": "Renamed" })),
        ),
        case(
            "delete_tenant",
            Owner,
            delete("/api/v1/tenant").with(json!({ "slug": "{slug}", "password": PASSWORD })),
        )
        .done(Done::Seldom("it ends the tenant of the walk")),
        case("restore_tenant", Owner, post("/api/v1/tenant/restore"))
            .done(Done::Seldom("the tenant of the walk is not deleted")),
        case("list_exports", Admin, get("/api/v1/tenant/exports")),
        case("create_export", Owner, post("/api/v1/tenant/exports")).gives("export", "/id"),
        case("get_export", Admin, get("/api/v1/tenant/exports/{export}")),
        case(
            "get_export_archive",
            Owner,
            get("/api/v1/tenant/exports/{export}/archive"),
        ),
        case("list_api_keys", Admin, get("/api/v1/api-keys")),
        case(
            "create_api_key",
            Admin,
            post("/api/v1/api-keys").with(json!({ "name": "walk", "scopes": ["read"] })),
        )
        .gives("api_key", "/id"),
        case(
            "rotate_api_key",
            Admin,
            post("/api/v1/api-keys/{api_key}/rotate"),
        ),
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
