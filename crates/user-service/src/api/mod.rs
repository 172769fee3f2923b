//! The public HTTP API of user-service: one file a group of addresses, handlers only.

mod answer;
mod api_keys;
mod audit_log;
mod auth;
mod deletion;
mod exports;
mod invitations;
mod joining;
mod mailed;
mod members;
mod origin;
mod owner;
mod plans;
mod profile;
mod sessions;
mod switch;
mod tenant;
mod usage;
mod well_known;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use db::audited::Outbox;
use db::outbox::Schema;
use http_kit::surround::{Surroundings, surround};
use http_kit::{idempotency, openapi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use exports::Seal;

use crate::State;

/// Every address, with whatever it needs from `state`.
pub fn router(state: State) -> OpenApiRouter {
    let repeatable = from_fn_with_state(state.idempotency.clone(), idempotency::replay);
    let surroundings = Surroundings {
        authenticator: state.authenticator.clone(),
        limiter: state.limiter.clone(),
        recorder: Arc::new(Outbox::new(state.pools.system.clone(), Schema::Identity)),
    };
    let routes = OpenApiRouter::with_openapi(openapi::document("Bellwether"))
        .merge(plain())
        .merge(creates().route_layer(repeatable))
        .with_state(state);
    surround(routes, surroundings)
}

/// The document about those addresses; needs nothing that runs.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    OpenApiRouter::with_openapi(openapi::document("Bellwether"))
        .merge(plain())
        .merge(creates())
        .into_openapi()
}

fn plain() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(joining::look_at_invitation))
        .routes(routes!(joining::accept_invitation))
        .routes(routes!(mailed::verify_email))
        .routes(routes!(mailed::send_verification))
        .routes(routes!(mailed::forgot_password))
        .routes(routes!(mailed::reset_password))
        .routes(routes!(
            sessions::list_sessions,
            sessions::end_other_sessions
        ))
        .routes(routes!(sessions::end_session))
        .routes(routes!(switch::list_own_tenants))
        .routes(routes!(switch::switch_tenant))
        .routes(routes!(switch::take_over))
        .routes(routes!(profile::get_profile, profile::change_profile))
        .routes(routes!(members::list_members))
        .routes(routes!(members::change_member, members::remove_member))
        .routes(routes!(invitations::revoke_invitation))
        .routes(routes!(invitations::resend_invitation))
        .routes(routes!(
            tenant::get_tenant,
            tenant::change_tenant,
            deletion::delete_tenant
        ))
        .routes(routes!(deletion::restore_tenant))
        .routes(routes!(exports::get_export))
        .routes(routes!(exports::get_export_archive))
        .routes(routes!(plans::list_plans))
        .routes(routes!(usage::get_usage))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(audit_log::list_audit_log))
        .routes(routes!(audit_log::audit_log_csv))
        .routes(routes!(well_known::jwks))
        .routes(routes!(well_known::openid_configuration))
}

/// Creates within a tenant: they take an Idempotency-Key.
fn creates() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(
            invitations::list_invitations,
            invitations::create_invitation
        ))
        .routes(routes!(api_keys::rotate_api_key))
        .routes(routes!(exports::list_exports, exports::create_export))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_names_every_address() {
        let document = super::openapi();
        let paths: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        let expected = [
            "/.well-known/jwks.json",
            "/.well-known/openid-configuration",
            "/api/v1/api-keys",
            "/api/v1/api-keys/{id}",
            "/api/v1/api-keys/{id}/rotate",
            "/api/v1/audit-log",
            "/api/v1/audit-log.csv",
            "/api/v1/auth/email/verification",
            "/api/v1/auth/email/verify",
            "/api/v1/auth/handoff",
            "/api/v1/auth/invitations/accept",
            "/api/v1/auth/invitations/look",
            "/api/v1/auth/login",
            "/api/v1/auth/logout",
            "/api/v1/auth/password/forgot",
            "/api/v1/auth/password/reset",
            "/api/v1/auth/profile",
            "/api/v1/auth/refresh",
            "/api/v1/auth/register",
            "/api/v1/auth/sessions",
            "/api/v1/auth/sessions/{id}",
            "/api/v1/auth/switch",
            "/api/v1/auth/tenants",
            "/api/v1/invitations",
            "/api/v1/invitations/{id}",
            "/api/v1/invitations/{id}/resend",
            "/api/v1/members",
            "/api/v1/members/{user_id}",
            "/api/v1/plans",
            "/api/v1/tenant",
            "/api/v1/tenant/exports",
            "/api/v1/tenant/exports/{id}",
            "/api/v1/tenant/exports/{id}/archive",
            "/api/v1/tenant/restore",
            "/api/v1/usage",
        ];
        assert_eq!(paths, expected);
    }
}
