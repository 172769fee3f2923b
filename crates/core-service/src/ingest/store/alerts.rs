//! Rules of live trackings, and alerts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::alert::{Figure, Kind, Rule};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

use crate::alerts::view::{AlertRow, COLUMNS};
use crate::ingest::alerts::{AppliedRule, CandidateRule, Raised, Silent, applicable};
use crate::sql::{execute, fetch};

#[derive(FromQueryResult)]
struct RuleRow {
    tenant_id: Uuid,
    tracking_id: Uuid,
    listing_id: i64,
    rule_id: Uuid,
    version: i32,
    kind: String,
    threshold_bp: i64,
    own: bool,
    enabled: bool,
}

/// The rules that apply to the live trackings of the listings.
pub async fn rules(
    connection: &mut PgConnection,
    listing_ids: Vec<i64>,
) -> Result<BTreeMap<i64, Vec<AppliedRule>>, DbErr> {
    if listing_ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query(
        "select t.tenant_id, t.id as tracking_id, t.listing_id, r.id as rule_id, r.version, r.kind, r.threshold_bp,
                r.tracking_id is not null as own, r.enabled
         from catalog.tracking t
         join catalog.alert_rule r on r.tenant_id = t.tenant_id and r.deleted_at is null
              and (r.tracking_id = t.id or r.tracking_id is null)
         where t.listing_id = any($1) and t.deleted_at is null and t.status = 'active'",
    );
    let rows: Vec<RuleRow> = fetch(connection, query.bind(listing_ids)).await?;
    let mut candidates: BTreeMap<i64, Vec<CandidateRule>> = BTreeMap::new();
    for row in rows {
        // A kind that this version does not know belongs to a newer one running beside it.
        let Some(kind) = Kind::parse(&row.kind) else {
            continue;
        };
        candidates
            .entry(row.listing_id)
            .or_default()
            .push(CandidateRule {
                applied: AppliedRule {
                    tenant_id: row.tenant_id,
                    tracking_id: row.tracking_id,
                    rule_id: row.rule_id,
                    rule_version: row.version,
                    rule: Rule {
                        kind,
                        threshold: row.threshold_bp,
                    },
                },
                own: row.own,
                enabled: row.enabled,
            });
    }
    Ok(candidates
        .into_iter()
        .map(|(id, rules)| (id, applicable(rules)))
        .collect())
}

/// Stores alerts and returns those that are new.
///
/// One that stands already keeps its id; if a late observation moved its figures, or it had been superseded, it is
/// brought up to date, so that the order of arrival does not matter. Nobody is told of that again.
pub async fn raise(
    connection: &mut PgConnection,
    raised: &[Raised],
) -> Result<Vec<AlertRow>, DbErr> {
    #[derive(FromQueryResult)]
    struct Stored {
        new: bool,
        #[sea_orm(nested)]
        alert: AlertRow,
    }
    if raised.is_empty() {
        return Ok(Vec::new());
    }
    let text = |pick: fn(&Raised) -> &'static str| raised.iter().map(pick).collect::<Vec<_>>();
    let json = |pick: fn(&Raised) -> Figure| {
        raised
            .iter()
            .map(|raised| serde_json::json!(pick(raised)))
            .collect::<Vec<_>>()
    };
    let insert = sqlx::query(AssertSqlSafe(format!("{RAISE}{COLUMNS}")))
        .bind(
            raised
                .iter()
                .map(|raised| raised.by.tenant_id)
                .collect::<Vec<_>>(),
        )
        .bind(raised.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(
            raised
                .iter()
                .map(|raised| raised.by.tracking_id)
                .collect::<Vec<_>>(),
        )
        .bind(
            raised
                .iter()
                .map(|raised| raised.listing_id)
                .collect::<Vec<_>>(),
        )
        .bind(
            raised
                .iter()
                .map(|raised| raised.by.rule_id)
                .collect::<Vec<_>>(),
        )
        .bind(
            raised
                .iter()
                .map(|raised| raised.by.rule_version)
                .collect::<Vec<_>>(),
        )
        .bind(text(|raised| raised.fired.kind.as_str()))
        .bind(text(|raised| raised.fired.severity.as_str()))
        .bind(json(|raised| raised.fired.before))
        .bind(json(|raised| raised.fired.after))
        .bind(
            raised
                .iter()
                .map(|raised| raised.fired.change)
                .collect::<Vec<_>>(),
        )
        .bind(raised.iter().map(|raised| raised.at).collect::<Vec<_>>());
    let rows: Vec<Stored> = fetch(connection, insert).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.new)
        .map(|row| row.alert)
        .collect())
}

/// With [`crate::alerts::view::COLUMNS`] behind it.
const RAISE: &str = "
insert into catalog.alert as a (tenant_id, id, tracking_id, listing_id, rule_id, rule_version, kind, severity, before,
                                after, change_bp, occurred_at)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::integer[], $7::text[],
                     $8::text[], $9::jsonb[], $10::jsonb[], $11::bigint[], $12::timestamptz[])
on conflict (tracking_id, rule_id, rule_version, occurred_at) do update
set (severity, before, after, change_bp, superseded_at)
  = (excluded.severity, excluded.before, excluded.after, excluded.change_bp, null)
where (a.severity, a.before, a.after, a.change_bp, a.superseded_at)
      is distinct from (excluded.severity, excluded.before, excluded.after, excluded.change_bp, null)
returning (xmax = 0) as new, ";

/// Marks alerts at points where their rule, seen anew, does not fire.
pub async fn supersede(
    connection: &mut PgConnection,
    silent: &[Silent],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if silent.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "update catalog.alert a set superseded_at = $5
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[])
              as s (tracking_id, rule_id, rule_version, occurred_at)
         where a.tracking_id = s.tracking_id and a.rule_id = s.rule_id and a.rule_version = s.rule_version
           and a.occurred_at = s.occurred_at and a.superseded_at is null",
    )
    .bind(silent.iter().map(|silent| silent.by.tracking_id).collect::<Vec<_>>())
    .bind(silent.iter().map(|silent| silent.by.rule_id).collect::<Vec<_>>())
    .bind(silent.iter().map(|silent| silent.by.rule_version).collect::<Vec<_>>())
    .bind(silent.iter().map(|silent| silent.at).collect::<Vec<_>>())
    .bind(now);
    execute(connection, update).await?;
    Ok(())
}
