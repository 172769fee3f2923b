//! Alerts of rules.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::alert::{Amount, BaselineKind, ContentField, Fired, Metric};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value as Json, json};

use crate::alerts::view::{AlertRow, COLUMNS};
use crate::ingest::alerts::{By, Cleared, Raised, Rejudged, Verdicts};
use crate::sql::{execute, fetch};

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
    let mut columns = Columns::default();
    for raised in raised {
        columns.push(raised);
    }
    let insert = sqlx::query(AssertSqlSafe(format!("{RAISE}{COLUMNS}")))
        .bind(columns.tenants)
        .bind(columns.ids)
        .bind(columns.trackings)
        .bind(columns.listings)
        .bind(columns.rules)
        .bind(columns.versions)
        .bind(columns.names)
        .bind(columns.kinds)
        .bind(columns.severities)
        .bind(columns.befores)
        .bind(columns.afters)
        .bind(columns.moves)
        .bind(columns.instants)
        .bind(columns.metrics)
        .bind(columns.baselines)
        .bind(columns.days)
        .bind(columns.changes)
        .bind(columns.messages);
    let rows: Vec<Stored> = fetch(connection, insert).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.new)
        .map(|row| row.alert)
        .collect())
}

/// Alerts by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    tenants: Vec<uuid::Uuid>,
    ids: Vec<uuid::Uuid>,
    trackings: Vec<uuid::Uuid>,
    listings: Vec<i64>,
    rules: Vec<uuid::Uuid>,
    versions: Vec<i32>,
    names: Vec<Option<String>>,
    kinds: Vec<&'static str>,
    severities: Vec<&'static str>,
    befores: Vec<Json>,
    afters: Vec<Json>,
    moves: Vec<Option<i64>>,
    instants: Vec<DateTime<Utc>>,
    metrics: Vec<Option<&'static str>>,
    baselines: Vec<Option<&'static str>>,
    days: Vec<Option<i32>>,
    changes: Vec<Option<Json>>,
    messages: Vec<Option<String>>,
}

impl Columns {
    fn push(&mut self, raised: &Raised) {
        let Raised {
            listing_id,
            by,
            fired,
        } = raised;
        self.tenants.push(by.tenant_id);
        self.ids.push(uuid::Uuid::now_v7());
        self.trackings.push(by.tracking_id);
        self.listings.push(*listing_id);
        self.rules.push(by.rule_id);
        self.versions.push(by.rule_version);
        self.names.push(by.rule_name.clone());
        self.kinds.push(fired.kind.as_str());
        self.severities.push(fired.severity.as_str());
        self.befores.push(json!(fired.before));
        self.afters.push(json!(fired.after));
        self.moves.push(fired.change);
        self.instants.push(fired.at);
        self.metrics.push(fired.metric.map(Metric::as_str));
        self.baselines
            .push(fired.baseline.map(BaselineKind::as_str));
        self.days.push(fired.days.map(i32::from));
        self.changes.push(changes(fired));
        self.messages.push(message(fired));
    }
}

/// What a listing says otherwise, as the API shows it; a title is one text.
pub fn changes(fired: &Fired) -> Option<Json> {
    let shown = |texts: &[String], field: ContentField| match field {
        ContentField::Title => json!(texts.first()),
        _ => json!(texts),
    };
    let changes: Vec<Json> = fired
        .changes
        .iter()
        .map(|change| {
            json!({
                "field": change.field,
                "before": shown(&change.before, change.field),
                "after": shown(&change.after, change.field),
            })
        })
        .collect();
    (!changes.is_empty()).then(|| json!(changes))
}

/// What figures before and after do not say.
pub fn message(fired: &Fired) -> Option<String> {
    if let Some(limit) = fired.limit {
        let limit = match (limit, fired.metric) {
            (Amount::Money(money), _) => money.to_string(),
            (Amount::Number(number), Some(Metric::Rating)) => {
                format!("{}.{:02}", number / 100, number % 100)
            }
            (Amount::Number(number), _) => number.to_string(),
        };
        return Some(format!("the limit is {limit}"));
    }
    if fired.changes.is_empty() {
        return None;
    }
    let parts: Vec<&str> = fired
        .changes
        .iter()
        .map(|change| change.field.as_str())
        .collect();
    Some(format!("changed: {}", parts.join(", ")))
}

/// With [`crate::alerts::view::COLUMNS`] behind it.
const RAISE: &str = "
insert into catalog.alert as a (tenant_id, id, tracking_id, listing_id, rule_id, rule_version, rule_name, kind, severity,
                                before, after, change_bp, occurred_at, metric, baseline, baseline_days, changes, message)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::integer[], $7::text[],
                     $8::text[], $9::text[], $10::jsonb[], $11::jsonb[], $12::bigint[], $13::timestamptz[], $14::text[],
                     $15::text[], $16::integer[], $17::jsonb[], $18::text[])
on conflict (tracking_id, rule_id, rule_version, occurred_at) do update
set (kind, severity, before, after, change_bp, metric, baseline, baseline_days, changes, message, superseded_at)
  = (excluded.kind, excluded.severity, excluded.before, excluded.after, excluded.change_bp, excluded.metric,
     excluded.baseline, excluded.baseline_days, excluded.changes, excluded.message, null)
where (a.kind, a.severity, a.before, a.after, a.change_bp, a.metric, a.baseline, a.baseline_days, a.changes, a.message,
       a.superseded_at)
      is distinct from
      (excluded.kind, excluded.severity, excluded.before, excluded.after, excluded.change_bp, excluded.metric,
       excluded.baseline, excluded.baseline_days, excluded.changes, excluded.message, null)
returning (xmax = 0) as new, ";

/// The keys of rules, as UNNEST wants them.
fn keys<'a>(by: impl Iterator<Item = &'a By>) -> (Vec<uuid::Uuid>, Vec<uuid::Uuid>, Vec<i32>) {
    let (mut trackings, mut rules, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for by in by {
        trackings.push(by.tracking_id);
        rules.push(by.rule_id);
        versions.push(by.rule_version);
    }
    (trackings, rules, versions)
}

/// Marks alerts at points that were judged anew, but for those that are raised with it: of a rule that does not fire
/// there, and of older versions, whose place the present one takes. Reads what stands there, which is little, instead of
/// naming every point and rule at which nothing does.
pub async fn supersede(
    connection: &mut PgConnection,
    verdicts: &Verdicts,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Standing {
        tenant_id: uuid::Uuid,
        id: uuid::Uuid,
        place: i64,
        rule_version: i32,
        occurred_at: DateTime<Utc>,
    }
    let rejudged: Vec<&Rejudged> = verdicts
        .rejudged
        .iter()
        .filter(|rejudged| !rejudged.at.is_empty())
        .collect();
    if rejudged.is_empty() {
        return Ok(());
    }
    let (trackings, rules, versions) = keys(rejudged.iter().map(|rejudged| &rejudged.by));
    let firsts: Vec<_> = rejudged
        .iter()
        .map(|rejudged| rejudged.at.first())
        .collect();
    let lasts: Vec<_> = rejudged.iter().map(|rejudged| rejudged.at.last()).collect();
    let query = sqlx::query(
        "select a.tenant_id, a.id, s.place, a.rule_version, a.occurred_at
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
              with ordinality as s (tracking_id, rule_id, rule_version, first_at, last_at, place)
         join catalog.alert a on a.tracking_id = s.tracking_id and a.rule_id = s.rule_id
           and a.rule_version <= s.rule_version and a.occurred_at between s.first_at and s.last_at
         where a.superseded_at is null",
    )
    .bind(trackings)
    .bind(rules)
    .bind(versions)
    .bind(firsts)
    .bind(lasts);
    let standing: Vec<Standing> = fetch(connection, query).await?;
    if standing.is_empty() {
        return Ok(());
    }
    let raised: HashSet<_> = verdicts
        .raised
        .iter()
        .map(|Raised { by, fired, .. }| (by.tracking_id, by.rule_id, by.rule_version, fired.at))
        .collect();
    let (tenants, ids): (Vec<uuid::Uuid>, Vec<uuid::Uuid>) = standing
        .iter()
        .filter(|alert| {
            let place = usize::try_from(alert.place - 1).ok();
            let Some(rejudged) = place.and_then(|place| rejudged.get(place)) else {
                return false;
            };
            let by = &rejudged.by;
            let key = (
                by.tracking_id,
                by.rule_id,
                alert.rule_version,
                alert.occurred_at,
            );
            rejudged.at.binary_search(&alert.occurred_at).is_ok() && !raised.contains(&key)
        })
        .map(|alert| (alert.tenant_id, alert.id))
        .unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "update catalog.alert a set superseded_at = $3
         from unnest($1::uuid[], $2::uuid[]) as s (tenant_id, id)
         where a.tenant_id = s.tenant_id and a.id = s.id",
    );
    execute(connection, update.bind(tenants).bind(ids).bind(now)).await?;
    Ok(())
}

/// Marks all alerts of rules, of older versions, too, in stretches that were judged anew; what still fires there is
/// raised right after.
pub async fn clear(
    connection: &mut PgConnection,
    cleared: &[Cleared],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if cleared.is_empty() {
        return Ok(());
    }
    let (trackings, rules, versions) = keys(cleared.iter().map(|cleared| &cleared.by));
    let update = sqlx::query(
        "update catalog.alert a set superseded_at = $6
         from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
              as s (tracking_id, rule_id, rule_version, from_at, to_at)
         where a.tracking_id = s.tracking_id and a.rule_id = s.rule_id and a.rule_version <= s.rule_version
           and a.occurred_at between s.from_at and s.to_at and a.superseded_at is null",
    )
    .bind(trackings)
    .bind(rules)
    .bind(versions)
    .bind(cleared.iter().map(|cleared| cleared.from).collect::<Vec<_>>())
    .bind(cleared.iter().map(|cleared| cleared.to).collect::<Vec<_>>())
    .bind(now);
    execute(connection, update).await?;
    Ok(())
}
