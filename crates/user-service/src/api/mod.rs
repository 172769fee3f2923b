//! The public HTTP API of user-service: one file a group of addresses, handlers only.

mod api_keys;
mod audit_log;
mod auth;
mod plans;
mod profile;
mod tenant;
mod well_known;

use std::sync::Arc;

use axum::Extension;
use axum::middleware::from_fn_with_state;
use db::audited::Outbox;
use db::outbox::Schema;
use http_kit::audit::{self, Audit};
use http_kit::{idempotency, openapi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// Every address, with whatever it needs from `state`.
pub fn router(state: State) -> OpenApiRouter {
    let repeatable = from_fn_with_state(state.idempotency.clone(), idempotency::replay);
    let authenticator = Extension(state.authenticator.clone());
    let kept = Outbox::new(state.pools.system.clone(), Schema::Identity);
    let audited = Audit::new(&openapi(), Arc::new(kept));
    OpenApiRouter::with_openapi(openapi::document("Bellwether"))
        .merge(plain())
        .merge(creates().route_layer(repeatable))
        .with_state(state)
        .layer(authenticator)
        .layer(from_fn_with_state(audited, audit::watch))
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
        .routes(routes!(profile::get_profile, profile::change_profile))
        .routes(routes!(tenant::get_tenant, tenant::change_tenant))
        .routes(routes!(plans::list_plans))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(audit_log::list_audit_log))
        .routes(routes!(audit_log::audit_log_csv))
        .routes(routes!(well_known::jwks))
        .routes(routes!(well_known::openid_configuration))
}

/// Creates within a tenant: they take an Idempotency-Key.
fn creates() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
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
            "/api/v1/audit-log",
            "/api/v1/audit-log.csv",
            "/api/v1/auth/login",
            "/api/v1/auth/logout",
            "/api/v1/auth/profile",
            "/api/v1/auth/refresh",
            "/api/v1/auth/register",
            "/api/v1/plans",
            "/api/v1/tenant",
        ];
        assert_eq!(paths, expected);
    }
}
