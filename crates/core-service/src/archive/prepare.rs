//! Before an import: what of it can be stored, and listings for it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::prepare_import_response::Checked;
use db::SystemTx;
use http_kit::ApiResult;

use super::{names, store};
use crate::State;
use crate::error::database;
use crate::ingest::{Incoming, ListingName, read, resolve};

/// Says of each observation whether ingest would take it, and makes the listings that nobody knows, unless `dry_run`.
///
/// # Errors
/// When the database fails.
pub async fn prepare(
    state: &State,
    observations: Vec<wire::Observation>,
    dry_run: bool,
    now: DateTime<Utc>,
) -> ApiResult<Vec<Checked>> {
    let mut checked = vec![Checked::default(); observations.len()];
    let mut good: Vec<(usize, Incoming)> = Vec::with_capacity(observations.len());
    for (place, observation) in observations.into_iter().enumerate() {
        let read = read(observation, now).map_err(|refused| refused.reason);
        match read.and_then(with_owner) {
            Ok(incoming) => good.push((place, incoming)),
            Err(reason) => checked[place].reason = reason,
        }
    }
    let tx = SystemTx::begin(&state.pools().system)
        .await
        .map_err(database)?;
    let mut connection = tx.sqlx().await;
    let mut known = resolve(&mut connection, &all_names(&good))
        .await
        .map_err(database)?;

    // Of names that nobody knows the source's own form may be known.
    let mut forms: BTreeMap<ListingName, Result<ListingName, String>> = BTreeMap::new();
    for (_, incoming) in &good {
        let roots = incoming.parent.as_ref().unwrap_or(&incoming.name);
        if !known.contains_key(&incoming.name) && !known.contains_key(roots) {
            forms
                .entry(roots.clone())
                .or_insert_with(|| names::in_one_form(roots));
        }
    }
    let one_forms: BTreeSet<ListingName> = forms.values().flatten().cloned().collect();
    let one_forms: Vec<ListingName> = one_forms.into_iter().collect();
    known.extend(
        resolve(&mut connection, &one_forms)
            .await
            .map_err(database)?,
    );
    let missing: Vec<&ListingName> = one_forms
        .iter()
        .filter(|name| !known.contains_key(*name))
        .collect();
    if !dry_run {
        store::make_listings(&mut connection, &missing)
            .await
            .map_err(database)?;
    }

    let mut looks = Vec::new();
    for (place, incoming) in &good {
        let answer = &mut checked[*place];
        let mut name = incoming.name.clone();
        match forms.get(incoming.parent.as_ref().unwrap_or(&name)) {
            // A parent in another form would not be the variant's.
            Some(Ok(form))
                if incoming
                    .parent
                    .as_ref()
                    .is_some_and(|parent| parent != form) =>
            {
                answer.reason = format!("the parent's id is `{}`", form.external_id);
                continue;
            }
            Some(Ok(form)) if incoming.parent.is_none() => name = form.clone(),
            Some(Err(reason)) => {
                answer.reason.clone_from(reason);
                continue;
            }
            _ => {}
        }
        match known.get(&name) {
            Some(found) => looks.push((*place, found.id, incoming.observed_at)),
            None => answer.new_listing = true,
        }
        answer.external_id = name.external_id;
    }
    let stored = store::known_looks(&mut connection, &looks)
        .await
        .map_err(database)?;
    for place in stored {
        checked[place].known = true;
    }
    drop(connection);
    tx.commit().await.map_err(database)?;
    Ok(checked)
}

fn with_owner(incoming: Incoming) -> Result<Incoming, String> {
    let name = &incoming.name;
    if let Some(about) = connectors::about(name.source) {
        names::check_owner(about, name.owner.is_some())?;
    }
    Ok(incoming)
}

fn all_names(good: &[(usize, Incoming)]) -> Vec<ListingName> {
    let names: BTreeSet<ListingName> = good
        .iter()
        .flat_map(|(_, incoming)| [Some(incoming.name.clone()), incoming.parent.clone()])
        .flatten()
        .collect();
    names.into_iter().collect()
}
