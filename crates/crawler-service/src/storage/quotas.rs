//! What tenants use of their plans: fetches by day, spend by month.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use db::{SystemTx, TenantTx};
use domain::quota::Told;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// What a tenant has used on a day.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DayUse {
    /// Whose.
    pub tenant_id: Uuid,
    /// Code of its plan, as far as it was told.
    pub plan: Option<String>,
    /// Fetches.
    pub crawls: i64,
    told_percent: i16,
    told_allowed: i64,
}

/// What a tenant has spent in a month.
#[derive(Debug, Clone, FromQueryResult)]
pub struct MonthUse {
    /// Whose.
    pub tenant_id: Uuid,
    /// Code of its plan, as far as it was told.
    pub plan: Option<String>,
    /// Millionths of a US dollar.
    pub micro_usd: i64,
    told_percent: i16,
    told_allowed: i64,
    told_month: Option<NaiveDate>,
}

impl DayUse {
    /// What it was told of that.
    #[must_use]
    pub fn told(&self, day: NaiveDate) -> Told {
        told(self.told_percent, self.told_allowed, Some(day))
    }
}

impl MonthUse {
    /// What it was told of that.
    #[must_use]
    pub fn told(&self) -> Told {
        told(self.told_percent, self.told_allowed, self.told_month)
    }
}

fn told(percent: i16, allowed: i64, period: Option<NaiveDate>) -> Told {
    Told {
        percent: u8::try_from(percent).unwrap_or(0),
        allowed: allowed.unsigned_abs(),
        period,
    }
}

/// What tenants have used on a day, whether or not somebody is just charging them.
///
/// # Errors
/// When the statement fails.
pub async fn look(tx: &SystemTx, day: NaiveDate, tenants: Vec<Uuid>) -> Result<Vec<DayUse>, DbErr> {
    let sql = "select u.tenant_id, w.plan, coalesce(d.crawls, 0) as crawls,
                      coalesce(d.told_percent, 0::smallint) as told_percent, coalesce(d.told_allowed, 0) as told_allowed
               from unnest($1::uuid[]) as u (tenant_id)
               left join crawl.day_use d on d.tenant_id = u.tenant_id and d.day = $2
               left join crawl.weight w on w.tenant_id = u.tenant_id";
    let values = [tenants.into(), day.into()];
    DayUse::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// The same, held until the transaction ends, so that nobody else charges them.
///
/// # Errors
/// When a statement fails.
pub async fn hold(tx: &SystemTx, day: NaiveDate, tenants: Vec<Uuid>) -> Result<Vec<DayUse>, DbErr> {
    // In the order of tenants, as everybody who holds several.
    let make = "insert into crawl.day_use (tenant_id, day)
                select u.tenant_id, $2 from unnest($1::uuid[]) as u (tenant_id)
                where not exists (select from crawl.day_use d where d.tenant_id = u.tenant_id and d.day = $2)
                order by u.tenant_id on conflict do nothing";
    tx.execute_raw(statement(make, [tenants.clone().into(), day.into()]))
        .await?;
    let sql = "select d.tenant_id, w.plan, d.crawls, d.told_percent, d.told_allowed
               from crawl.day_use d left join crawl.weight w on w.tenant_id = d.tenant_id
               where d.tenant_id = any ($1) and d.day = $2 order by d.tenant_id for update of d";
    let values = [tenants.into(), day.into()];
    DayUse::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// Charges tenants that are held for fetches.
///
/// # Errors
/// When the statement fails.
pub async fn charge(
    tx: &SystemTx,
    day: NaiveDate,
    charges: &BTreeMap<Uuid, u64>,
) -> Result<(), DbErr> {
    let tenants: Vec<Uuid> = charges.keys().copied().collect();
    let counts: Vec<i64> = charges
        .values()
        .map(|count| i64::try_from(*count).unwrap_or(i64::MAX))
        .collect();
    let sql = "update crawl.day_use d set crawls = d.crawls + u.count
               from unnest($1::uuid[], $2::bigint[]) as u (tenant_id, count)
               where d.tenant_id = u.tenant_id and d.day = $3";
    let values = [tenants.into(), counts.into(), day.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Lets others pay for locked targets than whose turn it was.
///
/// # Errors
/// When the statement fails.
pub async fn repay(tx: &SystemTx, moved: &[(i64, Uuid)]) -> Result<(), DbErr> {
    let (ids, payers): (Vec<i64>, Vec<Uuid>) = moved.iter().copied().unzip();
    let sql = "update crawl.target g set payer_id = u.payer_id
               from unnest($1::bigint[], $2::uuid[]) as u (id, payer_id) where g.id = u.id";
    tx.execute_raw(statement(sql, [ids.into(), payers.into()]))
        .await?;
    Ok(())
}

/// Lets locked targets wait until `until`, and says so where they are waited for. Whoever tracks one has used up its own
/// plan, so this tells nothing of others.
///
/// # Errors
/// When a statement fails.
pub async fn put_off(
    tx: &SystemTx,
    ids: Vec<i64>,
    until: DateTime<Utc>,
    name: &str,
    reason: &str,
) -> Result<(), DbErr> {
    let sql = "update crawl.target set next_due_at = $2, waits_for = $3 where id = any ($1)";
    let values = [ids.clone().into(), until.into(), name.into()];
    tx.execute_raw(statement(sql, values)).await?;
    let say = "update crawl.crawl_target c set reason = $2
               from crawl.target g
               where g.id = any ($1) and c.target_id = g.id and c.round = g.round and c.outcome is null";
    tx.execute_raw(statement(say, [ids.into(), reason.into()]))
        .await?;
    Ok(())
}

/// Makes due now what waits for the plans of those that track it, because this one has another plan.
///
/// # Errors
/// When the statement fails.
pub async fn release(tx: &SystemTx, tenant_id: Uuid, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "update crawl.target g set next_due_at = $2, waits_for = null
               where g.id in (select w.id from crawl.target w
                              where w.waits_for is not null and w.next_due_at is not null
                                -- What nobody wants any more stays stopped.
                                and (w.interval_seconds is not null or w.once)
                                and (w.payer_id = $1
                                     or exists (select from crawl.tracking t
                                                where t.target_id = w.id and t.tenant_id = $1 and t.live))
                              order by w.id for update)";
    let done = tx
        .execute_raw(statement(sql, [tenant_id.into(), now.into()]))
        .await?;
    Ok(done.rows_affected())
}

/// Makes a locked target due now that waited for the plans of those that tracked it.
///
/// # Errors
/// When a statement fails.
pub async fn let_go(tx: &SystemTx, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.target set next_due_at = least(next_due_at, $2), waits_for = null
               where id = $1 and next_due_at is not null";
    tx.execute_raw(statement(sql, [id.into(), now.into()]))
        .await?;
    // Dispatchers in other processes hear of it when this commits.
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(())
}

/// Remembers what a tenant is told of a day.
///
/// # Errors
/// When the statement fails.
pub async fn remember_day(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    day: NaiveDate,
    told: Told,
) -> Result<(), DbErr> {
    let sql = "update crawl.day_use set told_percent = $3, told_allowed = $4 where tenant_id = $1 and day = $2";
    tx.execute_raw(statement(
        sql,
        [
            tenant_id.into(),
            day.into(),
            i16::from(told.percent).into(),
            allowed(told).into(),
        ],
    ))
    .await?;
    Ok(())
}

/// Remembers what a tenant is told of a month.
///
/// # Errors
/// When the statement fails.
pub async fn remember_month(
    tx: &SystemTx,
    tenant_id: Uuid,
    month: NaiveDate,
    told: Told,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.month_told (tenant_id, month, told_percent, told_allowed) values ($1, $2, $3, $4)
               on conflict (tenant_id, month) do update set told_percent = $3, told_allowed = $4";
    tx.execute_raw(statement(
        sql,
        [
            tenant_id.into(),
            month.into(),
            i16::from(told.percent).into(),
            allowed(told).into(),
        ],
    ))
    .await?;
    Ok(())
}

fn allowed(told: Told) -> i64 {
    i64::try_from(told.allowed).unwrap_or(i64::MAX)
}

/// What tenants have spent since the month began.
///
/// # Errors
/// When the statement fails.
pub async fn spent(
    tx: &SystemTx,
    month: NaiveDate,
    tenants: Vec<Uuid>,
) -> Result<Vec<MonthUse>, DbErr> {
    let sql = "select u.tenant_id, w.plan, coalesce(s.micro_usd, 0)::bigint as micro_usd,
                      coalesce(m.told_percent, 0::smallint) as told_percent, coalesce(m.told_allowed, 0) as told_allowed,
                      m.month as told_month
               from unnest($1::uuid[]) as u (tenant_id)
               cross join lateral (select sum(micro_usd) as micro_usd from crawl.spend s
                                   where s.tenant_id = u.tenant_id and s.day >= $2) s
               left join crawl.month_told m on m.tenant_id = u.tenant_id and m.month = $2
               left join crawl.weight w on w.tenant_id = u.tenant_id";
    let values = [tenants.into(), month.into()];
    MonthUse::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// What the tenant has spent since the month began, in millionths of a US dollar.
///
/// # Errors
/// When the statement fails.
pub async fn spent_by(tx: &TenantTx, month: NaiveDate) -> Result<u64, DbErr> {
    let sql = "select coalesce(sum(micro_usd), 0)::bigint as micro_usd from crawl.spend
               where tenant_id = $1 and day >= $2";
    let row = tx
        .query_one_raw(statement(sql, [tx.tenant_id().into(), month.into()]))
        .await?;
    let micro: i64 = row.map_or(Ok(0), |row| row.try_get("", "micro_usd"))?;
    Ok(micro.unsigned_abs())
}

/// How many fetches the tenant has paid for on a day.
///
/// # Errors
/// When the statement fails.
pub async fn crawls_of(tx: &TenantTx, day: NaiveDate) -> Result<u64, DbErr> {
    let sql = "select crawls from crawl.day_use where tenant_id = $1 and day = $2";
    let row = tx
        .query_one_raw(statement(sql, [tx.tenant_id().into(), day.into()]))
        .await?;
    let crawls: i64 = row.map_or(Ok(0), |row| row.try_get("", "crawls"))?;
    Ok(crawls.unsigned_abs())
}

/// What became of a wish to fetch by hand.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Asked {
    /// Fetches that nobody was charged for yet.
    pub wanted: i64,
    /// What was used before.
    pub used: i64,
    /// Whether they are charged for.
    pub granted: bool,
    told_percent: i16,
    told_allowed: i64,
}

impl Asked {
    /// What the tenant was told of the day.
    #[must_use]
    pub fn told(&self, day: NaiveDate) -> Told {
        told(self.told_percent, self.told_allowed, Some(day))
    }
}

/// Charges the tenant for what a crawl made due, if its plan allows all of it.
///
/// # Errors
/// When the statement fails.
pub async fn charge_asked(
    tx: &TenantTx,
    crawl_id: Uuid,
    day: NaiveDate,
    allowed: u64,
) -> Result<Asked, DbErr> {
    let sql = "select wanted, used, granted, told_percent, told_allowed from crawl.charge_asked($1, $2, $3)";
    let allowed = i64::try_from(allowed).unwrap_or(i64::MAX);
    let asked = Asked::find_by_statement(statement(
        sql,
        [crawl_id.into(), day.into(), allowed.into()],
    ))
    .one(tx)
    .await?;
    asked.ok_or_else(|| DbErr::RecordNotFound("what a crawl costs".to_owned()))
}

/// Forgets the counters of days and months before `before`.
///
/// # Errors
/// When a statement fails.
pub async fn forget(tx: &SystemTx, before: NaiveDate) -> Result<(), DbErr> {
    for sql in [
        "delete from crawl.day_use where day < $1",
        "delete from crawl.month_told where month < $1",
    ] {
        tx.execute_raw(statement(sql, [before.into()])).await?;
    }
    Ok(())
}
