//! Making a category's monitors what the category says.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use connectors::{About, MonitorKind};
use db::TenantTx;
use http_kit::ApiResult;
use uuid::Uuid;

use crate::http::database;
use crate::http::monitors::{DEFAULT_HITS, due_at, room, too_many};
use crate::rules::searching;
use crate::storage::categories::{self, Category};
use crate::storage::credentials;
use crate::storage::monitors::{self, Changed, Monitor, Wanted};

/// The longest tag, in characters.
const LONGEST_TAG: usize = 50;

/// The same for every category of the tenant that names no sources: a credential has come or gone.
pub(in crate::http) async fn everywhere(tx: &TenantTx, now: DateTime<Utc>) -> ApiResult<()> {
    for category in categories::everywhere(tx).await.map_err(database)? {
        let mut plan = plan(tx, &category, now).await?;
        // Nobody asked for more monitors here: those that have no room are left out.
        plan.missing.truncate(room(tx).await?);
        plan.carry_out(tx, &category, now).await?;
    }
    Ok(())
}

/// Makes, changes and ends monitors as the locked category wants; the ended ones are returned, for core to forget.
/// A category that is not crawled by itself keeps its monitors, paused.
pub(in crate::http) async fn of(
    tx: &TenantTx,
    category: &Category,
    now: DateTime<Utc>,
) -> ApiResult<Vec<Uuid>> {
    let plan = plan(tx, category, now).await?;
    if plan.missing.len() > plan.ended.len() + room(tx).await? {
        return Err(too_many());
    }
    plan.carry_out(tx, category, now).await
}

/// What is to do so that the category's monitors are as wanted.
struct Plan {
    missing: Vec<Wanted>,
    changed: Vec<Changed>,
    ended: Vec<Uuid>,
}

async fn plan(tx: &TenantTx, category: &Category, now: DateTime<Utc>) -> ApiResult<Plan> {
    let known = monitors::of_category(tx, category.id)
        .await
        .map_err(database)?;
    let searched = searched(tx, category).await?;
    let mut missing = Vec::new();
    let mut changed: Vec<Changed> = Vec::new();
    for wanted in wanted(category, &searched) {
        match known.iter().find(|row| same(row, &wanted)) {
            Some(row) => changed.push(Changed {
                id: row.id,
                due_at: due_at(row, &wanted, now),
                wanted,
            }),
            // What never ran needs no paused monitor.
            None if category.auto_crawl => missing.push(wanted),
            None => {}
        }
    }
    let kept: HashSet<Uuid> = changed.iter().map(|one| one.id).collect();
    let ids = known.iter().map(|row| row.id);
    Ok(Plan {
        ended: ids.filter(|id| !kept.contains(id)).collect(),
        missing,
        changed,
    })
}

impl Plan {
    async fn carry_out(
        self,
        tx: &TenantTx,
        category: &Category,
        now: DateTime<Utc>,
    ) -> ApiResult<Vec<Uuid>> {
        if !self.ended.is_empty() {
            monitors::end(tx, self.ended.clone(), now)
                .await
                .map_err(database)?;
        }
        monitors::update(tx, &self.changed, now)
            .await
            .map_err(database)?;
        let new: Vec<(Uuid, Wanted)> = self
            .missing
            .into_iter()
            .map(|wanted| (Uuid::now_v7(), wanted))
            .collect();
        monitors::create(tx, Some(category.id), &new, now)
            .await
            .map_err(database)?;
        monitors::notify_due(tx).await.map_err(database)?;
        Ok(self.ended)
    }
}

fn same(row: &Monitor, wanted: &Wanted) -> bool {
    row.source == wanted.source && row.term == wanted.term && row.marketplace == wanted.marketplace
}

/// Where the category searches.
async fn searched(tx: &TenantTx, category: &Category) -> ApiResult<Vec<&'static About>> {
    let mut all = connectors::registry::ALL.iter().copied();
    if let Some(named) = &category.sources {
        let is_named = |about: &&About| named.iter().any(|name| name == about.source.as_str());
        return Ok(all.by_ref().filter(is_named).collect());
    }
    let credentials = credentials::list(tx).await.map_err(database)?;
    Ok(all
        .filter(|about| {
            let has_credential = credentials
                .iter()
                .any(|row| row.source == about.source.as_str());
            searching::by_default(about, MonitorKind::Keyword, has_credential)
        })
        .collect())
}

/// A monitor for each keyword and source.
fn wanted(category: &Category, searched: &[&About]) -> Vec<Wanted> {
    let places = searched.iter().map(|about| {
        let place = searching::marketplace(about, category.marketplace.as_deref());
        (about.source.to_string(), place)
    });
    places
        .flat_map(|(source, marketplace)| {
            let monitor = move |keyword: &String| Wanted {
                source: source.clone(),
                kind: "keyword".to_owned(),
                term: keyword.clone(),
                category: None,
                marketplace: marketplace.clone(),
                name: format!("{}: {keyword}", category.name)
                    .chars()
                    .take(searching::LONGEST_NAME)
                    .collect(),
                interval_seconds: category.interval_seconds,
                hits_limit: DEFAULT_HITS,
                alert: category.alert,
                track_up_to: category.track_up_to,
                tags: vec![category.name.chars().take(LONGEST_TAG).collect()],
                active: category.auto_crawl,
            };
            category.keywords.iter().map(monitor)
        })
        .collect()
}
