//! By how much adaptive intervals are longer, so that they stay within what was asked for.

use std::collections::BTreeMap;

use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::cadences::seconds;
use super::statement;

#[derive(FromQueryResult)]
struct StretchRow {
    target_id: i64,
    stretch: i32,
}

/// The stretch of adaptive targets of a source, in thousandths: that of the tenant with most of its budget left.
///
/// # Errors
/// When the statement fails.
pub async fn of_targets(
    tx: &SystemTx,
    source: &str,
    targets: Vec<i64>,
) -> Result<BTreeMap<i64, u32>, DbErr> {
    if targets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "select t.target_id, min(coalesce(s.stretch, 1000)) as stretch
               from crawl.tracking t
               left join crawl.stretch s on s.tenant_id = t.tenant_id and s.source = $2
               where t.target_id = any ($1) and t.live and t.cadence ? 'adaptive' group by t.target_id";
    let rows = StretchRow::find_by_statement(statement(sql, [targets.into(), source.into()]))
        .all(tx)
        .await?;
    let pair = |row: StretchRow| (row.target_id, row.stretch.unsigned_abs());
    Ok(rows.into_iter().map(pair).collect())
}

/// What a tenant's adaptive trackings of a source ask for together, and what they come to, in looks a second.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Usage {
    /// Whose.
    pub tenant_id: Uuid,
    /// Where.
    pub source: String,
    /// What their intervals ask for.
    pub asked: f64,
    /// What they have come to.
    pub used: f64,
}

/// The usage of every tenant with adaptive trackings.
///
/// # Errors
/// When the statement fails.
pub async fn usage(tx: &SystemTx) -> Result<Vec<Usage>, DbErr> {
    let sql = "select t.tenant_id, g.source, sum(1.0 / t.interval_seconds)::float8 as asked,
                      sum(1.0 / coalesce(g.own_interval, t.interval_seconds))::float8 as used
               from crawl.tracking t join crawl.target g on g.id = t.target_id
               where t.live and t.cadence ? 'adaptive' group by t.tenant_id, g.source";
    Usage::find_by_statement(statement(sql, [])).all(tx).await
}

/// Makes these the stretches there are.
///
/// # Errors
/// When a statement fails.
pub async fn replace(tx: &SystemTx, stretches: Vec<(Uuid, String, u32)>) -> Result<(), DbErr> {
    let mut columns: (Vec<Uuid>, Vec<String>, Vec<i32>) = Default::default();
    for (tenant_id, source, stretch) in stretches {
        columns.0.push(tenant_id);
        columns.1.push(source);
        columns.2.push(seconds(stretch));
    }
    let values = || [columns.0.clone().into(), columns.1.clone().into()];
    let gone = "delete from crawl.stretch s where not exists
                (select from unnest($1::uuid[], $2::text[]) as u (tenant_id, source)
                 where u.tenant_id = s.tenant_id and u.source = s.source)";
    tx.execute_raw(statement(gone, values())).await?;
    let [tenants, sources] = values();
    let sql = "insert into crawl.stretch as s (tenant_id, source, stretch)
               select * from unnest($1::uuid[], $2::text[], $3::integer[]) as u (tenant_id, source, stretch)
               order by u.tenant_id, u.source
               on conflict (tenant_id, source) do update set stretch = excluded.stretch
                   where s.stretch <> excluded.stretch";
    tx.execute_raw(statement(sql, [tenants, sources, columns.2.into()]))
        .await?;
    Ok(())
}
