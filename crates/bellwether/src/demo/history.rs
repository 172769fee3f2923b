//! The demo's past: what the simulated shops would have shown, sent through the ordinary ingest.

use anyhow::{Context, ensure};
use chrono::{DateTime, Duration, DurationRound, Utc};
use config::Config;
use connectors::Ownership;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status;
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{
    CategoryRank, IngestObservationsRequest, Observation, Origin, Values,
};
use domain::listing::ListingRef;
use market_sim::{Market, Snapshot, Source};

use super::shown::Shown;

/// Time between two past observations.
const STEP: Duration = Duration::hours(4);

/// An open way into ingest.
pub struct Import {
    ingest: IngestClient<rpc::Channel>,
    /// Owns the listings that are read with its credentials.
    tenant_id: String,
}

impl Import {
    /// Connects as the operator, for this tenant.
    pub fn connect(config: &Config, tenant_id: uuid::Uuid) -> anyhow::Result<Self> {
        let peers = crate::operator::peers(config)?;
        Ok(Self {
            ingest: rpc::sized!(IngestClient::new(peers.core)),
            tenant_id: tenant_id.to_string(),
        })
    }

    /// Sends a listing's last `days`; says how many observations were stored.
    pub async fn send(
        &mut self,
        market: &Market,
        shown: &Shown<'_>,
        now: DateTime<Utc>,
        days: i64,
    ) -> anyhow::Result<usize> {
        // On a fixed grid, so that loading twice gives the same instants.
        let first = (now - Duration::days(days)).duration_trunc(STEP)?;
        let owner = owned(&shown.name).then(|| self.tenant_id.clone());
        let observations: Vec<Observation> =
            std::iter::successors(Some(first), |at| Some(*at + STEP))
                .take_while(|at| *at < now)
                .filter_map(|at| observation(shown, owner.clone(), &market.at(shown.listing, at)))
                .collect();
        let sent = observations.len();
        let request = IngestObservationsRequest {
            origin: Origin::Import.into(),
            observations,
        };
        let answer = self
            .ingest
            .ingest_observations(request)
            .await
            .context("ingest the demo's past")?
            .into_inner();
        let refused = answer
            .outcomes
            .iter()
            .find(|outcome| outcome.status() == Status::Refused);
        if let Some(refused) = refused {
            anyhow::bail!(
                "ingest refused the past of {}: {}",
                shown.listing.key,
                refused.reason
            );
        }
        ensure!(
            answer.outcomes.len() == sent,
            "ingest answered {} of {sent} observations",
            answer.outcomes.len()
        );
        Ok(sent)
    }
}

/// Whether a source's listings belong to the tenant that reads them.
fn owned(name: &ListingRef) -> bool {
    connectors::about(name.source).is_some_and(|about| about.ownership == Ownership::Tenant)
}

fn observation(
    shown: &Shown<'_>,
    owner_tenant_id: Option<String>,
    seen: &Snapshot,
) -> Option<Observation> {
    Some(Observation {
        source: shown.name.source.as_str().to_owned(),
        marketplace: shown.name.marketplace.clone(),
        external_id: shown.name.external_id.clone(),
        parent_external_id: None,
        owner_tenant_id,
        observed_at_us: seen.at.timestamp_micros(),
        round: 0,
        values: Some(values(shown.listing.key.source, seen)?),
        content: None,
    })
}

/// The figures as the source's connector would have read them.
fn values(source: Source, seen: &Snapshot) -> Option<Values> {
    let price = seen.price.as_ref();
    let seller = seen.seller.as_ref().filter(|_| price.is_some());
    Some(Values {
        offer: if price.is_some() {
            Offer::Offered
        } else {
            Offer::None
        }
        .into(),
        currency: price.map(|money| money.currency.code().to_owned()),
        price_minor: price.map(|money| money.minor),
        list_price_minor: seen
            .list_price
            .as_ref()
            .filter(|_| price.is_some())
            .map(|money| money.minor),
        buy_box_price_minor: seller.and(price).map(|money| money.minor),
        buy_box_seller: seller.map(|seller| seller.name.clone()),
        availability: seen.availability.name().to_owned(),
        in_stock: Some(seen.in_stock()),
        stock_quantity: seen
            .shown_stock(source)
            .map(i32::try_from)
            .transpose()
            .ok()?,
        ranks: seen
            .ranks
            .iter()
            .map(|rank| {
                Some(CategoryRank {
                    category: rank.category.clone(),
                    rank: i32::try_from(rank.rank).ok()?,
                })
            })
            .collect::<Option<_>>()?,
        // One decimal as the shop shows it, in hundredths.
        rating_hundredths: seen
            .rating
            .map(|rating| (rating * 10.0).round() as i32 * 10),
        review_count: seen.review_count.map(i32::try_from).transpose().ok()?,
    })
}
