//! Searching: the platform only lists everything, so the list is sifted here.

use chrono::Utc;

use super::account::Account;
use super::mapping::{Extent, Known, Shelf, observation};
use super::rows::Product;
use super::{Haier, SOURCE};
use crate::{Hits, MonitorKind, Outcome, Search, Work, listing_url};

impl Haier {
    pub(super) async fn sift(&self, search: &Search, work: Work<'_>) -> Result<Hits, Outcome> {
        let sieve = Sieve::new(search)?;
        let credential = work.credential.ok_or_else(|| {
            Outcome::hopeless("Haier is searched with a credential of the tenant's own")
        })?;
        let account = Account::read(credential)?;
        let list = self.client.full_list(&account, work.urgency).await?;
        let now = Utc::now();
        let mut hits = Hits::default();
        let mut total = 0_u64;
        for product in list.good().filter(|product| sieve.lets_through(product)) {
            // A code that no listing can have cannot be followed either.
            let Ok(listing) = listing_url::from_id(SOURCE, &search.marketplace, &product.code)
            else {
                continue;
            };
            total += 1;
            if hits.found.len() == search.limit {
                hits.more = true;
                continue;
            }
            let known = Known {
                product: Some(product),
                shelf: Shelf::unasked(&account),
                ..Known::default()
            };
            hits.found
                .push(observation(&listing, known, Extent::Part, now));
        }
        hits.total = Some(total);
        Ok(hits)
    }
}

/// What a search lets through. Names are compared without case; a term may be part of a name, because the platform
/// writes groups and brands now short, now long.
struct Sieve {
    kind: MonitorKind,
    terms: Vec<String>,
    category: Option<String>,
}

impl Sieve {
    fn new(search: &Search) -> Result<Self, Outcome> {
        let term = search.term.trim().to_lowercase();
        let terms: Vec<String> = match search.kind {
            MonitorKind::Keyword => term.split_whitespace().map(str::to_owned).collect(),
            MonitorKind::Category | MonitorKind::Brand => vec![term],
            MonitorKind::Catalogue => Vec::new(),
            MonitorKind::Series | MonitorKind::NewArrivals | MonitorKind::LimitedEditions => {
                return Err(Outcome::hopeless(format!(
                    "Haier cannot be searched by {}",
                    search.kind.as_str()
                )));
            }
        };
        if search.kind.needs_term() && terms.iter().all(String::is_empty) {
            return Err(Outcome::hopeless("a search needs a term"));
        }
        let category = search.category.as_deref().map(str::trim);
        Ok(Self {
            kind: search.kind,
            terms,
            category: category
                .filter(|category| !category.is_empty())
                .map(str::to_lowercase),
        })
    }

    fn lets_through(&self, product: &Product) -> bool {
        let holds = |text: &Option<String>, term: &str| {
            text.as_deref()
                .is_some_and(|text| text.to_lowercase().contains(term))
        };
        let code = Some(product.code.clone());
        let anywhere = |term: &String| {
            [&code, &product.model, &product.brand, &product.group]
                .into_iter()
                .any(|text| holds(text, term))
        };
        let fits = self.terms.iter().all(|term| match self.kind {
            MonitorKind::Category => holds(&product.group, term),
            MonitorKind::Brand => holds(&product.brand, term),
            _ => anywhere(term),
        });
        let category = self.category.as_deref();
        fits && category.is_none_or(|category| holds(&product.group, category))
    }
}
