//! How much of its plan a tenant uses here: products tracked, and what texts cost.
//!
//! [`hold`] is asked before trackings are made, in their transaction. What is counted is kept by triggers, so that
//! whoever makes, ends or erases trackings counts them (`migrations/sql/0021_limits.sql`); a test compares it with the
//! trackings there are.

pub mod grpc;
mod store;
mod warning;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use db::TenantTx;
use domain::quota::{self, Told};
use http_kit::{ApiError, ApiResult};

pub use store::Usage;
pub use warning::warning;

use crate::trackings::timing::Limits;

/// The plan's name for it.
pub const TRACKED_PRODUCTS: &str = "tracked_products";

/// The tenant's places for tracked products, held until the transaction ends.
#[derive(Debug)]
pub struct Places<'a> {
    limits: &'a Limits,
    used: u64,
    told: Told,
}

/// Holds the tenant's places, so that of several who want one nobody takes what is not there. Of what a request locks it
/// comes after the listing's family.
///
/// # Errors
/// When the database fails.
pub async fn hold<'a>(tx: &TenantTx, limits: &'a Limits) -> ApiResult<Places<'a>> {
    let (used, told) = store::hold(tx).await?;
    Ok(Places { limits, used, told })
}

impl Places<'_> {
    fn allowed(&self) -> u64 {
        self.limits.tracked_products.into()
    }

    /// How many more products may be tracked.
    #[must_use]
    pub fn free(&self) -> usize {
        let free = self.allowed().saturating_sub(self.used);
        usize::try_from(free).unwrap_or(usize::MAX)
    }

    /// Why there is no place.
    #[must_use]
    pub fn refusal(&self) -> ApiError {
        let (used, allowed) = (self.used, self.allowed());
        ApiError::quota(TRACKED_PRODUCTS, used, allowed, &self.limits.plan, None)
    }

    /// `count` trackings were made: the tenant is told when that makes it most of its plan, or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken(self, tx: &TenantTx, count: usize, now: DateTime<Utc>) -> ApiResult<()> {
        let used = self.used + u64::try_from(count).unwrap_or(0);
        let allowed = self.allowed();
        let Some(told) = quota::warning(used, allowed, self.told, month(now)) else {
            return Ok(());
        };
        store::remember(tx, told).await?;
        let event = warning(tx.tenant_id(), TRACKED_PRODUCTS, used, told, now);
        store::tell(tx, event).await
    }
}

/// The first day of the month: places have no period of their own, so they are warned about by months.
#[must_use]
pub fn month(now: DateTime<Utc>) -> NaiveDate {
    let day = now.date_naive();
    day.with_day(1).unwrap_or(day)
}
