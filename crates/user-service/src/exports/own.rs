//! What user-service itself tells of a tenant.

use contracts::catalog::v1::ExportTenantResponse;
use db::outbox::Schema;
use db::tenant_data::{self, Parts};
use db::{Pools, SystemTx, TenantTx};
use futures::stream::BoxStream;
use sea_orm::DbErr;
use serde_json::json;
use uuid::Uuid;

use crate::storage::exports;
use crate::storage::{plans, tenants};

/// Tables whose rows a tenant does not see: messages on their way, answers kept for repeated requests, letters to people,
/// where people are signed in and go on, and exports themselves. Members are told with their addresses instead of their
/// rows.
const LEFT_OUT: [&str; 9] = [
    "export",
    "export_chunk",
    "handoff",
    "idempotency_key",
    "mail",
    "membership",
    "outbox",
    "refresh_token",
    "session",
];

/// Tells of the tenant itself, its people, and its rows here.
///
/// # Errors
/// When the database fails before the first line.
pub async fn tell(
    pools: &Pools,
    tenant_id: Uuid,
) -> Result<BoxStream<'static, Result<ExportTenantResponse, DbErr>>, DbErr> {
    let system = SystemTx::begin(&pools.system).await?;
    let members = exports::members(&system, tenant_id).await?;
    system.commit().await?;
    let tx = TenantTx::begin_snapshot(&pools.api, tenant_id).await?;
    let tenant = tenants::get(&tx, tenant_id).await?;
    let plan = plans::of_tenant(&tx, tenant_id).await?;
    let (tenant, plan) = tenant
        .zip(plan)
        .ok_or_else(|| DbErr::RecordNotFound("the tenant of an export".to_owned()))?;
    let mut relations = tenant_data::relations(&tx, Schema::Identity, &[]).await?;
    relations.retain(|relation| !LEFT_OUT.contains(&relation.name.as_str()));
    let total = u64::try_from(relations.len()).unwrap_or(u64::MAX) + 2;
    let about = json!({
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "plan": tenant.plan_code,
        "limits": {
            "tracked_products": plan.tracked_products,
            "min_interval_seconds": plan.min_interval_seconds,
            "requests_per_minute": plan.requests_per_minute,
            "crawls_per_day": plan.crawls_per_day,
            "members": plan.members,
            "retention_days": plan.retention_days,
        },
        "status": tenant.status,
        "delete_at": tenant.delete_at,
        "time_zone": tenant.time_zone,
        "locale": tenant.locale,
        "base_currency": tenant.base_currency,
        "rise_color": tenant.rise_color,
        "created_at": tenant.created_at,
    });
    let write = |mut parts: Parts| async move {
        parts.file("tenant.jsonl").await?;
        parts.add(&format!("{about}\n"), 1).await?;
        parts.step();
        parts.file("members.jsonl").await?;
        for member in members {
            let line = json!({
                "user_id": member.user_id,
                "email": member.email,
                "role": member.role,
                "joined_at": member.joined_at,
            });
            parts.add(&format!("{line}\n"), 1).await?;
        }
        parts.step();
        for relation in &relations {
            parts
                .file(&format!("identity/{}.jsonl", relation.name))
                .await?;
            tenant_data::tell_rows(&tx, Schema::Identity, relation, "true", &mut parts).await?;
            parts.step();
        }
        parts.finish().await?;
        tx.commit().await
    };
    Ok(tenant_data::told(total, write))
}
