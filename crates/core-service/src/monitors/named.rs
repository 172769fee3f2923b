//! Which listings hits mean.

use connectors::about::Ownership;
use connectors::listing_url;
use contracts::catalog::v1 as wire;
use domain::listing::ListingRef;
use uuid::Uuid;

use crate::ingest::{ListingName, names};
use crate::trackings::store::Named;

/// A hit that names a listing.
#[derive(Debug)]
pub struct Hit {
    /// The listing, owned by the tenant where the source's are.
    pub name: ListingName,
    /// A variant comes with its parent and is no listing of its own right.
    pub variant: bool,
    /// What the list told, under that name.
    pub told: wire::Observation,
}

impl Hit {
    /// As a listing to find or make.
    pub fn named(&self) -> Named {
        let listing = ListingRef {
            source: self.name.source,
            marketplace: self.name.marketplace.clone(),
            external_id: self.name.external_id.clone(),
        };
        let told = self
            .told
            .content
            .as_ref()
            .and_then(|content| content.url.as_ref());
        let page = listing_url::page(&listing);
        Named {
            // A page that the name alone does not lead to is where the list says it is.
            url: if page.is_empty() {
                told.cloned().unwrap_or_default()
            } else {
                page
            },
            owned: self.name.owner.is_some(),
            listing,
        }
    }
}

/// Reads a hit for a tenant; the error says why it is refused.
///
/// # Errors
/// When it names no listing that this tenant could watch.
pub fn read(tenant_id: Uuid, mut told: wire::Observation) -> Result<Hit, String> {
    let (mut name, parent) = names(&told)?;
    let owner = connectors::about(name.source)
        .filter(|about| about.ownership == Ownership::Tenant)
        .map(|_| tenant_id);
    if name.owner.is_some() && name.owner != owner {
        return Err("belongs to another tenant, or to nobody".to_owned());
    }
    if parent.is_none() {
        let one = listing_url::from_id(name.source, &name.marketplace, &name.external_id)
            .map_err(|unknown| unknown.to_string())?;
        name.external_id.clone_from(&one.external_id);
        told.external_id = one.external_id;
    }
    name.owner = owner;
    told.owner_tenant_id = owner.map(|owner| owner.to_string());
    // Nobody leased it: there is no round to count.
    told.round = 0;
    Ok(Hit {
        name,
        variant: parent.is_some(),
        told,
    })
}
