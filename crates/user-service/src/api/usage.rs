//! `/api/v1/usage`: how much of its plan the caller's tenant uses.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use contracts::catalog::v1 as catalog;
use contracts::catalog::v1::usage_client::UsageClient as CatalogUsage;
use contracts::crawl::v1 as crawl;
use contracts::crawl::v1::usage_client::UsageClient as CrawlUsage;
use db::TenantTx;
use domain::quota;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, auth, etag};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{MEMBERS, storage};
use crate::state::Counting;
use crate::storage::invitations;
use crate::storage::plans::{self, Plan};

/// Millionths of a US dollar in a cent.
const MICRO_A_CENT: u64 = 10_000;

/// How much of its plan a tenant uses.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageView {
    /// Code of the plan.
    #[schema(example = "pro")]
    plan: String,
    /// The periods that are counted by, in UTC.
    period: Period,
    /// One for each thing that the plan limits by number.
    items: Vec<UsageItem>,
}

/// The periods under way.
#[derive(Serialize, ToSchema)]
pub(super) struct Period {
    /// The day.
    #[schema(example = "2026-03-14")]
    day: NaiveDate,
    /// The month, by its first day.
    #[schema(example = "2026-03-01")]
    month: NaiveDate,
}

/// How much of one thing is used.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageItem {
    /// As the plan calls it: `tracked_products`, `members`, `crawls_per_day`, `llm_tokens_per_month` or
    /// `source_spend_cents_per_month`.
    #[schema(example = "tracked_products")]
    name: &'static str,
    /// So many are used.
    used: u64,
    /// So many are allowed.
    allowed: u64,
    /// What is counted: `products`, `people`, `crawls`, `tokens` or `usd_cents`.
    #[schema(example = "products")]
    unit: &'static str,
    /// `used` of `allowed`, in whole percent.
    percent: u64,
    /// When counting begins anew; null where it does not: what is freed can be used again.
    resets_at: Option<DateTime<Utc>>,
    /// `ok`, `warning` from 80 percent on, or `exceeded` when nothing is left.
    state: UsageState,
}

/// Whether there is something left.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum UsageState {
    /// Much is left.
    Ok,
    /// Most is used.
    Warning,
    /// Nothing is left.
    Exceeded,
}

impl UsageItem {
    fn new(
        name: &'static str,
        unit: &'static str,
        used: u64,
        allowed: u64,
        resets_at: Option<DateTime<Utc>>,
    ) -> Self {
        let percent = quota::percent(used, allowed);
        let [most, all] = quota::LEVELS.map(u64::from);
        Self {
            name,
            used,
            allowed,
            unit,
            percent,
            resets_at,
            state: match percent {
                percent if percent >= all => UsageState::Exceeded,
                percent if percent >= most => UsageState::Warning,
                _ => UsageState::Ok,
            },
        }
    }
}

/// What is used, by whoever counts it.
struct Used {
    tracked_products: u64,
    members: u64,
    crawls: u64,
    llm_tokens: u64,
    spend_micro_usd: u64,
}

impl UsageView {
    fn of(plan: &Plan, used: &Used, now: DateTime<Utc>) -> Self {
        let day = now.date_naive();
        let month = day.with_day(1).unwrap_or(day);
        let begins = |day: Option<NaiveDate>| day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let tomorrow = begins(day.checked_add_days(Days::new(1)));
        let next_month = begins(month.checked_add_months(Months::new(1)));
        // The table's checks keep limits from being negative.
        let count = |value: i32| u64::from(value.unsigned_abs());
        let items = vec![
            UsageItem::new(
                "tracked_products",
                "products",
                used.tracked_products,
                count(plan.tracked_products),
                None,
            ),
            UsageItem::new(MEMBERS, "people", used.members, count(plan.members), None),
            UsageItem::new(
                "crawls_per_day",
                "crawls",
                used.crawls,
                count(plan.crawls_per_day),
                tomorrow,
            ),
            UsageItem::new(
                "llm_tokens_per_month",
                "tokens",
                used.llm_tokens,
                plan.llm_tokens_per_month.unsigned_abs(),
                next_month,
            ),
            UsageItem::new(
                "source_spend_cents_per_month",
                "usd_cents",
                used.spend_micro_usd / MICRO_A_CENT,
                count(plan.source_spend_cents_per_month),
                next_month,
            ),
        ];
        Self {
            plan: plan.code.clone(),
            period: Period { day, month },
            items,
        }
    }
}

/// How much of its plan the caller's tenant uses. Each figure is counted by whoever refuses what is beyond it, so none of
/// them is an estimate; `members` counts invitations that can still be accepted as well. At 80 and at 100 percent the
/// tenant's event stream tells `quota.warning`, once a period.
#[utoipa::path(get, path = "/api/v1/usage", tag = "tenant",
    responses((status = 200, body = UsageView), (status = 304, description = "Unchanged"), ReadProblems))]
pub(super) async fn get_usage(
    State(counting): State<Counting>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tenant_id = caller.tenant_id;
    let (catalog, crawl) = elsewhere(&counting, tenant_id).await?;
    let tx = TenantTx::begin(&counting.pool, tenant_id)
        .await
        .map_err(storage)?;
    let plan = plans::of_tenant(&tx, tenant_id).await.map_err(storage)?;
    let now = Utc::now();
    let seats = invitations::seats(&tx, tenant_id, None, now).await;
    let members = seats.map_err(storage)?.unsigned_abs();
    tx.commit().await.map_err(storage)?;
    let plan = plan.ok_or_else(ApiError::not_found)?;
    let used = Used {
        tracked_products: catalog.tracked_products,
        members,
        crawls: crawl.crawls,
        llm_tokens: catalog.llm_tokens,
        spend_micro_usd: crawl.spend_micro_usd,
    };
    etag::respond(&headers, &UsageView::of(&plan, &used, now))
}

/// What core and crawler have counted.
async fn elsewhere(
    counting: &Counting,
    tenant_id: Uuid,
) -> ApiResult<(catalog::GetUsageResponse, crawl::GetUsageResponse)> {
    let tenant_id = tenant_id.to_string();
    let mut core = CatalogUsage::new(counting.core.clone());
    let mut crawler = CrawlUsage::new(counting.crawler.clone());
    let (catalog, crawl) = tokio::try_join!(
        core.get_usage(catalog::GetUsageRequest {
            tenant_id: tenant_id.clone()
        }),
        crawler.get_usage(crawl::GetUsageRequest {
            tenant_id: tenant_id.clone()
        }),
    )
    .map_err(ApiError::from_grpc)?;
    Ok((catalog.into_inner(), crawl.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_says_how_much_is_left_and_when_it_begins_anew() {
        let plan = Plan {
            code: "free".to_owned(),
            name: "Free".to_owned(),
            tracked_products: 50,
            min_interval_seconds: 3_600,
            requests_per_minute: 120,
            crawls_per_day: 500,
            llm_tokens_per_month: 50_000,
            source_spend_cents_per_month: 500,
            members: 2,
            retention_days: 90,
        };
        let used = Used {
            tracked_products: 39,
            members: 2,
            crawls: 400,
            llm_tokens: 0,
            spend_micro_usd: 5_019_999,
        };
        let now = DateTime::from_timestamp(1_803_859_199, 0).expect("a time");
        let view = serde_json::json!(UsageView::of(&plan, &used, now));
        assert_eq!(
            view["period"],
            serde_json::json!({"day": "2027-02-28", "month": "2027-02-01"})
        );
        let shown: Vec<_> = view["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| {
                let text = |key: &str| item[key].as_str().unwrap_or("-").to_owned();
                (
                    text("name"),
                    item["used"].clone(),
                    item["percent"].clone(),
                    text("state"),
                    text("resets_at"),
                )
            })
            .collect();
        let item = |name: &str, used: u64, percent: u64, state: &str, resets: &str| {
            (
                name.to_owned(),
                used.into(),
                percent.into(),
                state.to_owned(),
                resets.to_owned(),
            )
        };
        let march = "2027-03-01T00:00:00Z";
        assert_eq!(
            shown,
            [
                item("tracked_products", 39, 78, "ok", "-"),
                item("members", 2, 100, "exceeded", "-"),
                item("crawls_per_day", 400, 80, "warning", march),
                item("llm_tokens_per_month", 0, 0, "ok", march),
                item("source_spend_cents_per_month", 501, 100, "exceeded", march),
            ]
        );
    }
}
