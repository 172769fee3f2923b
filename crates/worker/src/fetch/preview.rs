//! What a page says before it is tracked.

use connectors::preview::{Candidate, Preview};
use connectors::{Credential, Job, LeaseLost, Outcome, Registry, Target, Work, listing_url};
use contracts::crawl::v1::preview_response::{
    Candidate as WireCandidate, Disagreement as WireDisagreement, Found, Told as WireTold,
};
use domain::listing::ListingRef;

use super::once::Once;
use crate::convert;

/// The strategy's name where a source can be read in one way only.
const ONE_WAY: &str = "api";

/// Looks at the page behind an address.
pub(super) async fn preview(
    registry: &Registry,
    address: &str,
    credential: Option<Credential>,
    progress: Once,
) -> Result<Found, Outcome> {
    let listing = listing_url::parse(address).map_err(|unknown| hopeless(unknown.to_string()))?;
    let connector = registry
        .get(listing.source)
        .ok_or_else(|| hopeless(format!("`{}` is not a source", listing.source)))?;
    let url = listing_url::address(address).map_err(|unknown| hopeless(unknown.to_string()))?;
    if let Some(preview) = connector.preview(&url).await? {
        return Ok(found(preview));
    }
    if credential.is_none() && !connector.about().credential.is_empty() {
        return Err(hopeless(format!(
            "{} needs a credential; add one first",
            connector.about().name
        )));
    }
    let target = Target {
        url: url.into(),
        ..Target::new(listing.clone())
    };
    let job = Job {
        targets: std::slice::from_ref(&target),
        work: Work {
            credential: credential.as_ref(),
            ..Work::URGENT
        },
    };
    if let Err(LeaseLost) = connector.crawl(job, &progress).await {
        return Err(Outcome::Timeout);
    }
    match progress.outcome() {
        Outcome::Observed(seen) => one_way(listing, target.url, seen),
        outcome => Err(outcome),
    }
}

/// What a crawl saw, as the only candidate.
fn one_way(
    listing: ListingRef,
    url: String,
    seen: Vec<domain::observation::Observation>,
) -> Result<Found, Outcome> {
    let mut seen = seen.into_iter();
    let Some(observation) = seen.next() else {
        return Err(Outcome::NotFound);
    };
    let candidate = Candidate {
        strategy: ONE_WAY.to_owned(),
        confidence: 100,
        observation,
        variants: seen.collect(),
    };
    Ok(found(Preview {
        listing,
        url,
        candidates: vec![candidate],
        disagreements: Vec::new(),
    }))
}

fn found(preview: Preview) -> Found {
    let candidate = |candidate: &Candidate| WireCandidate {
        strategy: candidate.strategy.clone(),
        confidence: candidate.confidence.into(),
        observation: Some(convert::observation(&candidate.observation, 0, None)),
        variants: candidate
            .variants
            .iter()
            .map(|variant| convert::observation(variant, 0, None))
            .collect(),
    };
    Found {
        source: preview.listing.source.as_str().to_owned(),
        marketplace: preview.listing.marketplace,
        external_id: preview.listing.external_id,
        url: preview.url,
        candidates: preview.candidates.iter().map(candidate).collect(),
        disagreements: preview
            .disagreements
            .into_iter()
            .map(|disagreement| WireDisagreement {
                field: disagreement.field,
                told: disagreement
                    .told
                    .into_iter()
                    .map(|(strategy, value)| WireTold { strategy, value })
                    .collect(),
            })
            .collect(),
    }
}

fn hopeless(reason: String) -> Outcome {
    Outcome::Failed {
        reason,
        retryable: false,
    }
}
