//! Everything that a tenant can see in the catalogue, as files.
//!
//! Products are as the API shows them, histories are tables that an import reads, and the rest are rows of the tenant's
//! tables and views. All is read through the login of requests and its row-level security, as of one instant.

use chrono::{DateTime, Utc};
use contracts::catalog::v1::ExportTenantResponse;
use db::TenantTx;
use db::outbox::Schema;
use db::tenant_data::{self, Parts, Relation};
use futures::stream::BoxStream;
use http_kit::{ApiError, ApiResult};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

use super::history;
use crate::State;
use crate::error::database;
use crate::products::history::reach::shown_from;
use crate::products::view::{COLUMNS, DetailsRow, ProductDetails};
use crate::sql::statement;

/// Tables whose rows a tenant does not see: messages on their way, and answers kept for repeated requests.
const LEFT_OUT: [&str; 2] = ["idempotency_key", "outbox"];

/// What else a tenant sees, and the names of the files it goes into.
const VIEWS: [(&str, &str); 6] = [
    ("product_bar", "history_bars"),
    ("product_content_change", "content_changes"),
    ("product_day", "history_days"),
    ("product_quarantine", "quarantine"),
    ("product_refusal", "refusals"),
    ("tenant_log", "events"),
];

/// Products read at a time.
const PAGE: usize = 500;

/// Begins an export.
///
/// # Errors
/// When the database, or who knows what the tenant's plan shows, does not answer.
pub async fn export(
    state: &State,
    tenant_id: Uuid,
    now: DateTime<Utc>,
) -> ApiResult<BoxStream<'static, Result<ExportTenantResponse, DbErr>>> {
    let from = shown_from(state, tenant_id, now).await?;
    let tx = TenantTx::begin_snapshot(&state.pools().api, tenant_id)
        .await
        .map_err(database)?;
    let views = VIEWS.map(|(view, _)| view);
    let relations = tenant_data::relations(&tx, Schema::Catalog, &views).await;
    let mut relations = relations.map_err(database)?;
    relations.retain(|relation| !LEFT_OUT.contains(&relation.name.as_str()));
    let products = count(&tx).await.map_err(database)?;
    let files = u64::try_from(relations.len()).map_err(ApiError::internal)?;
    // A history is many times what a product is.
    let total = files + 1 + products;
    let write = |mut parts: Parts| async move {
        for relation in &relations {
            tell(&tx, relation, from, &mut parts).await?;
            parts.step();
        }
        tell_products(&tx, &mut parts).await?;
        parts.step();
        history::tell(&tx, from, now, &mut parts).await?;
        parts.finish().await?;
        tx.commit().await
    };
    Ok(tenant_data::told(total, write))
}

async fn count(tx: &TenantTx) -> Result<u64, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        count: i64,
    }
    let sql = "select count(*) as count from catalog.product";
    let count = Count::find_by_statement(statement(sql, [])).one(tx).await?;
    Ok(count.map_or(0, |row| row.count.unsigned_abs()))
}

async fn tell(
    tx: &TenantTx,
    relation: &Relation,
    from: DateTime<Utc>,
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let name = VIEWS.iter().find(|(view, _)| *view == relation.name);
    let name = name.map_or(relation.name.as_str(), |(_, name)| name);
    parts.file(&format!("catalog/{name}.jsonl")).await?;
    // Days are shown as far back as the plan says, as histories are.
    let shown = match relation.name.as_str() {
        "product_bar" | "product_day" => format!("day >= '{}'", from.date_naive()),
        _ => "true".to_owned(),
    };
    tenant_data::tell_rows(tx, Schema::Catalog, relation, &shown, parts).await
}

async fn tell_products(tx: &TenantTx, parts: &mut Parts) -> Result<(), DbErr> {
    parts.file("products.jsonl").await?;
    let sql = format!(
        "select {COLUMNS}, description, videos from catalog.product where id > $1 order by id limit {PAGE}"
    );
    let mut after = 0;
    loop {
        let rows = DetailsRow::find_by_statement(statement(sql.as_str(), [i64::into(after)]))
            .all(tx)
            .await?;
        let more = rows.len() == PAGE;
        for row in rows {
            let product = ProductDetails::from(row);
            after = product.product.id;
            let line = serde_json::to_string(&product);
            let line = line.map_err(|error| DbErr::Json(error.to_string()))?;
            parts.add(&format!("{line}\n"), 1).await?;
        }
        if !more {
            return Ok(());
        }
    }
}
