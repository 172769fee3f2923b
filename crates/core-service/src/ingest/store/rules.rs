//! Live trackings of listings, and the rules of their tenants.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::alert::{Rule, SeverityChoice};
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

use crate::ingest::alerts::{Compiled, RuleHead, Rules, Tracked};
use crate::sql::fetch;

/// A listing of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// Its id.
    pub id: i64,
    /// Its newest look before the batch.
    pub seen_at: Option<DateTime<Utc>>,
    /// Whether anything may have moved.
    pub moved: bool,
}

#[derive(FromQueryResult)]
struct TrackedRow {
    tenant_id: Uuid,
    tracking_id: Uuid,
    listing_id: i64,
    tags: Vec<String>,
    created_at: DateTime<Utc>,
    rules_since: DateTime<Utc>,
}

/// The live trackings of listings at which something moved; of the others those that see their listing for the first
/// time or with other rules than before, or have a rule that may be true at first sight.
pub async fn trackings(
    connection: &mut PgConnection,
    listings: &[Listing],
) -> Result<BTreeMap<i64, Vec<Tracked>>, DbErr> {
    if listings.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query(TRACKINGS)
        .bind(
            listings
                .iter()
                .map(|listing| listing.id)
                .collect::<Vec<_>>(),
        )
        .bind(
            listings
                .iter()
                .map(|listing| listing.seen_at)
                .collect::<Vec<_>>(),
        )
        .bind(
            listings
                .iter()
                .map(|listing| listing.moved)
                .collect::<Vec<_>>(),
        );
    let rows: Vec<TrackedRow> = fetch(connection, query).await?;
    let mut trackings: BTreeMap<i64, Vec<Tracked>> = BTreeMap::new();
    for row in rows {
        trackings.entry(row.listing_id).or_default().push(Tracked {
            tenant_id: row.tenant_id,
            tracking_id: row.tracking_id,
            listing_id: row.listing_id,
            tags: row.tags,
            created_at: row.created_at,
            rules_since: row.rules_since,
        });
    }
    Ok(trackings)
}

/// Parameters: listings; their newest looks; whether anything may have moved.
pub const TRACKINGS: &str = "
select t.tenant_id, t.id as tracking_id, t.listing_id, t.tags, t.created_at, t.rules_since
from unnest($1::bigint[], $2::timestamptz[], $3::boolean[]) as n (listing_id, seen_at, moved)
join catalog.tracking t on t.listing_id = n.listing_id and t.deleted_at is null and t.status = 'active'
where n.moved or t.rules_since > n.seen_at
   or exists (select from catalog.alert_rule r
              where r.tenant_id = t.tenant_id and r.tracking_id is null and r.deleted_at is null
                and r.since > n.seen_at and r.first_sight)
   or exists (select from catalog.alert_rule r
              where r.tracking_id = t.id and r.deleted_at is null and r.since > n.seen_at and r.first_sight)";

#[derive(FromQueryResult)]
struct RuleRow {
    tenant_id: Uuid,
    id: Uuid,
    version: i32,
    tracking_id: Option<Uuid>,
    tag: Option<String>,
    name: Option<String>,
    condition: String,
    severity: String,
    enabled: bool,
    since: DateTime<Utc>,
}

/// The rules that may apply to the trackings: their tenants' once, and their own.
pub async fn of(
    connection: &mut PgConnection,
    trackings: &BTreeMap<i64, Vec<Tracked>>,
) -> Result<Rules, DbErr> {
    let mut rules = Rules::default();
    if trackings.is_empty() {
        return Ok(rules);
    }
    let tracked = || trackings.values().flatten();
    let tenants: BTreeSet<Uuid> = tracked().map(|tracked| tracked.tenant_id).collect();
    let query = sqlx::query(RULES)
        .bind(tenants.into_iter().collect::<Vec<_>>())
        .bind(
            tracked()
                .map(|tracked| tracked.tracking_id)
                .collect::<Vec<_>>(),
        );
    let rows: Vec<RuleRow> = fetch(connection, query).await?;
    // Many tenants have the same rules.
    let mut compiled: HashMap<(String, String), Option<Arc<Compiled>>> = HashMap::new();
    for row in rows {
        let known = compiled
            .entry((row.condition, row.severity))
            .or_insert_with_key(|(condition, severity)| compile(condition, severity));
        // What cannot be read belongs to a newer version running beside this one.
        let Some(compiled) = known.clone() else {
            continue;
        };
        let head = RuleHead {
            id: row.id,
            version: row.version,
            name: row.name,
            tag: row.tag,
            enabled: row.enabled,
            since: row.since,
            compiled,
        };
        rules.add(row.tenant_id, row.tracking_id, head);
    }
    Ok(rules)
}

fn compile(condition: &str, severity: &str) -> Option<Arc<Compiled>> {
    let rule = Rule {
        condition: serde_json::from_str(condition).ok()?,
        severity: SeverityChoice::parse(severity)?,
    };
    Compiled::of(rule).map(Arc::new)
}

/// Parameters: tenants; trackings.
pub const RULES: &str = "
select tenant_id, id, version, tracking_id, tag, name, condition::text as condition, severity, enabled, since
from catalog.alert_rule where tenant_id = any($1) and tracking_id is null and deleted_at is null
union all
select tenant_id, id, version, tracking_id, tag, name, condition::text, severity, enabled, since
from catalog.alert_rule where tracking_id = any($2) and tracking_id is not null and deleted_at is null";
