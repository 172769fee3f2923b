//! Telling tenants that a product they track cannot be fetched, or can again.

use chrono::{DateTime, Utc};
use contracts::messages::v1::TargetChanged;
use db::outbox::{self, Schema};
use db::{SystemPool, SystemTx};
use domain::alert::Severity;
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{DbErr, Value};

use super::view::{Alert, AlertProduct, AlertRow, COLUMNS};
use super::{plain, shortened};
use crate::sql::{fetch, fetch_planned};

/// A change of how a target fares, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    listing_id: i64,
    kind: &'static str,
    severity: Severity,
    /// How its last fetch ended.
    outcome: String,
    message: Option<String>,
    at: DateTime<Utc>,
}

pub(crate) fn read(changed: TargetChanged, at: DateTime<Utc>) -> Change {
    let TargetChanged {
        listing_id,
        troubled,
        outcome,
        reason,
        failures,
    } = changed;
    let reason = shortened(&plain(&reason));
    let message = match (failures, reason.is_empty()) {
        _ if !troubled => None,
        (_, true) => Some(format!("{failures} fetches in a row failed")),
        (_, false) => Some(format!("{failures} fetches in a row failed: {reason}")),
    };
    Change {
        listing_id,
        kind: if troubled {
            "target_trouble"
        } else {
            "target_recovered"
        },
        severity: if troubled {
            Severity::Warning
        } else {
            Severity::Info
        },
        outcome: shortened(&plain(&outcome)),
        message,
        at,
    }
}

/// Raises one alert for each tenant that tracks the product, and tells of those that are new.
pub(crate) async fn tell(pool: &SystemPool, change: Change) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let sql = format!("{RAISE} returning {COLUMNS}");
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(change.listing_id)
        .bind(change.kind)
        .bind(change.severity.as_str())
        .bind(serde_json::json!(change.outcome))
        .bind(change.message)
        .bind(change.at);
    let raised: Vec<AlertRow> = fetch(&mut connection, query).await?;
    if !raised.is_empty() {
        metrics::counter!("alerts_raised_total").increment(raised.len() as u64);
        let named: Vec<Value> = vec![change.listing_id.into()];
        let product =
            fetch_planned::<AlertProduct>(&mut connection, NAME.to_owned(), named).await?;
        let product = product.into_iter().next();
        let told = raised
            .into_iter()
            .map(|row| {
                let tenant_id = row.tenant_id;
                Alert::of(row, product.clone()).raised(tenant_id)
            })
            .collect();
        outbox::append(&mut connection, Schema::Catalog, told).await?;
    }
    drop(connection);
    tx.commit().await
}

const RAISE: &str = "
insert into catalog.alert (tenant_id, id, tracking_id, listing_id, kind, severity, before, after, message, occurred_at)
select t.tenant_id, gen_random_uuid(), t.id, t.listing_id, $2, $3, 'null', $4, $5, $6
from catalog.tracking t
where t.listing_id = $1 and t.deleted_at is null and t.status = 'active'
order by t.tenant_id
on conflict (tenant_id, listing_id, kind, occurred_at) where kind in ('target_trouble', 'target_recovered')
do nothing";

const NAME: &str = "select id, title, images ->> 0 as image_url from catalog.listing where id = $1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_says_how_often_and_why() {
        let changed = TargetChanged {
            listing_id: 7,
            troubled: true,
            outcome: "not_found".into(),
            reason: "the source\0 does not list this product".into(),
            failures: 3,
        };
        let trouble = read(changed.clone(), DateTime::UNIX_EPOCH);
        assert_eq!(
            trouble.message.as_deref(),
            Some("3 fetches in a row failed: the source does not list this product")
        );
        assert_eq!(
            (trouble.kind, trouble.severity),
            ("target_trouble", Severity::Warning)
        );
        let good = TargetChanged {
            troubled: false,
            outcome: "ok".into(),
            ..changed
        };
        let good = read(good, DateTime::UNIX_EPOCH);
        assert_eq!((good.kind, good.message), ("target_recovered", None));
    }
}
