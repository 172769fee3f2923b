//! `identity.plan`: the seeded plans.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// A plan and its limits.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Plan {
    /// `free`, `pro`, `enterprise`.
    pub code: String,
    /// For people.
    pub name: String,
    /// Most products tracked at a time.
    pub tracked_products: i32,
    /// Shortest interval of a tracking, in seconds.
    pub min_interval_seconds: i32,
    /// API requests a minute.
    pub requests_per_minute: i32,
    /// Crawls a day.
    pub crawls_per_day: i32,
    /// LLM tokens a month.
    pub llm_tokens_per_month: i64,
    /// Spend on paid sources a month, in cents of US dollars.
    pub source_spend_cents_per_month: i32,
    /// People in the tenant.
    pub members: i32,
    /// How far back history is shown, in days.
    pub retention_days: i32,
}

impl From<Plan> for http_kit::plans::Plan {
    fn from(plan: Plan) -> Self {
        // The table's checks keep limits from being negative.
        Self {
            code: plan.code,
            tracked_products: plan.tracked_products.unsigned_abs().into(),
            requests_per_minute: plan.requests_per_minute.unsigned_abs(),
            crawls_per_day: plan.crawls_per_day.unsigned_abs().into(),
            llm_tokens_per_month: plan.llm_tokens_per_month.unsigned_abs(),
            source_spend_cents_per_month: plan.source_spend_cents_per_month.unsigned_abs().into(),
            members: plan.members.unsigned_abs().into(),
        }
    }
}

/// Every plan, the smallest first.
///
/// # Errors
/// When the database fails.
pub async fn all(tx: &impl ConnectionTrait) -> Result<Vec<Plan>, DbErr> {
    Plan::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.plan order by tracked_products"
    ))
    .all(tx)
    .await
}

/// The plan of a tenant.
///
/// # Errors
/// When the database fails.
pub async fn of_tenant(tx: &impl ConnectionTrait, tenant_id: Uuid) -> Result<Option<Plan>, DbErr> {
    Plan::find_by_statement(raw_sql!(
        Postgres,
        "select p.* from identity.tenant t join identity.plan p on p.code = t.plan_code where t.id = {tenant_id}"
    ))
    .one(tx)
    .await
}
