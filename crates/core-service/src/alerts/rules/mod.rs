//! Rules: what people write, what the table holds, and trying one on what was seen.

mod condition;
mod handlers;
pub(crate) mod store;
mod trial;
mod view;
pub(crate) mod wish;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use condition::{Condition, basis_points, read, show};

use crate::State;

/// The routes of rules.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(
            handlers::list_alert_rules,
            handlers::create_alert_rule
        ))
        .routes(routes!(
            handlers::get_alert_rule,
            handlers::update_alert_rule,
            handlers::delete_alert_rule
        ))
        .routes(routes!(trial::test_alert_rule))
}
