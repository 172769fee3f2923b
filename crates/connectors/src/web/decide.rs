//! From what the strategies found to what became of a target.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::money::Money;
use domain::observation::{Observation, Offer, Values};

use super::finding::{Figures, Finding, Strategy};
use super::reading::{Reading, agree};
use super::{SOURCE, address, availability};
use crate::Outcome;
use crate::preview::{Candidate, Disagreement, Preview};

/// What became of a target. With a choice only that strategy counts; without one the most trusted
/// does, as long as those that are made for programs agree on the price.
pub(super) fn outcome(
    reading: &Reading,
    listing: &ListingRef,
    chosen: Option<&str>,
    at: DateTime<Utc>,
) -> Outcome {
    let strategy = match choose(reading, chosen) {
        Ok(strategy) => strategy,
        Err(outcome) => return outcome,
    };
    let (page, variant) = address::parts(&listing.external_id);
    let parent = ListingRef {
        external_id: page.to_owned(),
        ..listing.clone()
    };
    let (main, variants) = observations(reading, strategy, &parent, at);
    match variant {
        None => Outcome::Observed(std::iter::once(main).chain(variants).collect()),
        Some(_) => match variants.into_iter().find(|one| one.listing == *listing) {
            Some(found) => Outcome::Observed(vec![found]),
            None => Outcome::NotFound,
        },
    }
}

/// What the page says in every way.
pub(super) fn preview(
    reading: &Reading,
    listing: &ListingRef,
    at: DateTime<Utc>,
) -> Result<Preview, Outcome> {
    trusted(reading)?;
    let candidates = reading.telling().map(|(strategy, _)| {
        let (observation, variants) = observations(reading, strategy, listing, at);
        Candidate {
            strategy: strategy.as_str().to_owned(),
            confidence: reading.confidence(strategy),
            observation,
            variants,
        }
    });
    let mut candidates: Vec<Candidate> = candidates.collect();
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.confidence));
    Ok(Preview {
        listing: listing.clone(),
        url: reading.page.url.to_string(),
        candidates,
        disagreements: disagreements(reading),
    })
}

fn choose(reading: &Reading, chosen: Option<&str>) -> Result<Strategy, Outcome> {
    if let Some(name) = chosen.filter(|name| !name.is_empty()) {
        let strategy = Strategy::parse(name)
            .ok_or_else(|| Outcome::hopeless(format!("`{name}` is no way to read a page")))?;
        return match reading.by(strategy) {
            Some(finding) if finding.figures.tell() => Ok(strategy),
            _ => Err(changed(reading, strategy)),
        };
    }
    let (first, finding) = trusted(reading)?;
    let structured = reading
        .telling()
        .filter(|(strategy, _)| strategy.is_structured());
    let against: Vec<(Strategy, &Finding)> = structured
        .filter(|(_, other)| !agree(&finding.figures, &other.figures))
        .collect();
    if against.is_empty() {
        return Ok(first);
    }
    let told: Vec<String> = std::iter::once((first, finding))
        .chain(against)
        .map(|(strategy, finding)| {
            format!("{} says {}", strategy.as_str(), price(&finding.figures))
        })
        .collect();
    Err(Outcome::malformed(format!(
        "the page contradicts itself: {}; choose which one counts",
        told.join(", ")
    )))
}

/// The most trusted strategy that says anything, if that can be believed.
fn trusted(reading: &Reading) -> Result<(Strategy, &Finding), Outcome> {
    // What a person sees of a list of products is its first, and of a page that says "not found" some
    // other product.
    let doubtful = many(reading).is_some() || reading.instead.is_some();
    reading
        .telling()
        .next()
        .filter(|(strategy, _)| strategy.is_structured() || !doubtful)
        .ok_or_else(|| nothing(reading))
}

/// The chosen strategy finds nothing any more.
fn changed(reading: &Reading, chosen: Strategy) -> Outcome {
    let others: Vec<String> = reading
        .telling()
        .map(|(strategy, finding)| {
            format!(
                "{} still finds {}",
                strategy.as_str(),
                price(&finding.figures)
            )
        })
        .collect();
    if others.is_empty()
        && let Some(instead) = reading.instead
    {
        return instead.outcome();
    }
    let trouble = reading
        .by(chosen)
        .and_then(|finding| finding.troubles.first());
    let why = trouble.map_or_else(
        || "found nothing".to_owned(),
        |trouble| format!("found that {trouble}"),
    );
    let rest = match others.is_empty() {
        true => "nothing else finds a product either".to_owned(),
        false => others.join(", "),
    };
    Outcome::malformed(format!(
        "the page changed: {} {why}; {rest}",
        chosen.as_str()
    ))
}

/// No strategy finds anything.
fn nothing(reading: &Reading) -> Outcome {
    if let Some(instead) = reading.instead {
        return instead.outcome();
    }
    let troubles: Vec<String> = reading
        .findings
        .iter()
        .flat_map(|(strategy, finding)| {
            let told = finding.troubles.first();
            told.map(|trouble| format!("{}: {trouble}", strategy.as_str()))
        })
        .collect();
    Outcome::malformed(match troubles.is_empty() {
        true => "no product was found on the page".to_owned(),
        false => format!("no price could be read ({})", troubles.join("; ")),
    })
}

fn many(reading: &Reading) -> Option<&String> {
    reading
        .findings
        .iter()
        .flat_map(|(_, finding)| &finding.troubles)
        .find(|trouble| trouble.starts_with("the page lists"))
}

fn price(figures: &Figures) -> String {
    let money = |minor: i64| {
        figures
            .currency
            .map(|currency| Money::from_minor(minor, currency))
    };
    match (figures.price.and_then(money), figures.up_to.and_then(money)) {
        (Some(low), Some(high)) => format!("{}-{}", low.amount(), high),
        (Some(price), None) => price.to_string(),
        (None, _) => "no offer".to_owned(),
    }
}

/// The page's own observation and its variants'.
fn observations(
    reading: &Reading,
    strategy: Strategy,
    listing: &ListingRef,
    at: DateTime<Utc>,
) -> (Observation, Vec<Observation>) {
    let Some(finding) = reading.by(strategy) else {
        let nothing = Finding::default();
        return (
            observation(listing, None, &nothing.figures, None, at),
            Vec::new(),
        );
    };
    let content = content(reading, finding);
    let variants = finding
        .variants
        .iter()
        .filter(|variant| variant.figures.tell());
    let variants = variants.map(|variant| {
        let own = ListingRef {
            source: SOURCE,
            marketplace: listing.marketplace.clone(),
            external_id: address::child(&listing.external_id, &variant.sku),
        };
        let mut said = variant.content.clone();
        said.url = said.url.or_else(|| content.url.clone());
        said.title = said.title.or_else(|| content.title.clone());
        said.brand = said.brand.or_else(|| content.brand.clone());
        if said.images.is_empty() {
            said.images.extend(content.images.first().cloned());
        }
        let parent = Some(listing.external_id.clone());
        observation(&own, parent, &variant.figures, Some(said), at)
    });
    let mut variants: Vec<Observation> = variants.collect();
    variants.dedup_by(|one, other| one.listing == other.listing);
    let main = observation(listing, None, &finding.figures, Some(content), at);
    (main, variants)
}

fn observation(
    listing: &ListingRef,
    parent: Option<String>,
    figures: &Figures,
    content: Option<Content>,
    at: DateTime<Utc>,
) -> Observation {
    let priced = figures.price.is_some();
    let available = figures.availability.unwrap_or(Availability::Unknown);
    let content = content.map(|mut content| {
        content.flags.pre_order = available == Availability::PreOrder;
        if figures.up_to.is_some() {
            content
                .attributes
                .insert("price_ranges".into(), price(figures));
        }
        content
    });
    Observation {
        listing: listing.clone(),
        parent_external_id: parent,
        observed_at: at,
        values: Values {
            offer: match (priced, figures.no_offer()) {
                (true, _) => Offer::Offered,
                (false, true) => Offer::None,
                (false, false) => Offer::NotCollected,
            },
            currency: figures
                .currency
                .filter(|_| priced)
                .map(|currency| currency.code().to_owned()),
            price: figures.price,
            list_price: figures.list_price.filter(|_| priced),
            availability: available,
            in_stock: availability::buyable(available),
            stock_quantity: figures.stock,
            rating_hundredths: figures.rating,
            review_count: figures.reviews,
            ..Values::default()
        },
        content,
    }
}

/// What the strategy says of the product, with gaps filled by the others: a name or a picture is
/// the same whoever says it.
fn content(reading: &Reading, finding: &Finding) -> Content {
    let mut content = finding.content.clone();
    for (_, other) in &reading.findings {
        let other = &other.content;
        content.title = content.title.or_else(|| other.title.clone());
        content.brand = content.brand.or_else(|| other.brand.clone());
        content.category = content.category.or_else(|| other.category.clone());
        content.description = content.description.or_else(|| other.description.clone());
        if content.images.is_empty() {
            content.images.clone_from(&other.images);
        }
    }
    content.title = content.title.or_else(|| reading.page.title.clone());
    if let Some(crumbs) = &reading.breadcrumbs {
        content.category = content.category.or_else(|| Some(crumbs.clone()));
        content
            .attributes
            .insert("breadcrumbs".into(), crumbs.clone());
    }
    content.url = Some(reading.page.url.to_string());
    content
}

/// Where strategies differ. A title that only one knows is no difference.
fn disagreements(reading: &Reading) -> Vec<Disagreement> {
    let all: Vec<(Strategy, &Finding)> = reading.telling().collect();
    let mut out = Vec::new();
    let mut differ = |field: &str,
                      of: &dyn Fn(&Finding) -> Option<String>,
                      same: &dyn Fn(&Finding, &Finding) -> bool| {
        let told: Vec<(Strategy, &Finding, String)> = all
            .iter()
            .filter_map(|(strategy, finding)| Some((*strategy, *finding, of(finding)?)))
            .collect();
        let Some((_, first, _)) = told.first() else {
            return;
        };
        if told.iter().any(|(_, other, _)| !same(first, other)) {
            let told = told
                .into_iter()
                .map(|(strategy, _, text)| (strategy.as_str().to_owned(), text));
            out.push(Disagreement {
                field: field.to_owned(),
                told: told.collect(),
            });
        }
    };
    let priced = |finding: &Finding| finding.figures.price.map(|_| price(&finding.figures));
    differ("price", &priced, &|one, other| {
        one.figures.currency != other.figures.currency || agree(&one.figures, &other.figures)
    });
    let currency = |finding: &Finding| {
        finding
            .figures
            .currency
            .map(|currency| currency.code().to_owned())
    };
    differ("currency", &currency, &|one, other| {
        one.figures.currency == other.figures.currency
    });
    let available = |finding: &Finding| {
        finding
            .figures
            .availability
            .map(|word| word.as_str().to_owned())
    };
    differ("availability", &available, &|one, other| {
        one.figures.availability == other.figures.availability
    });
    let title = |finding: &Finding| finding.content.title.clone();
    let plain = |finding: &Finding| finding.content.title.as_deref().map(str::to_lowercase);
    differ("title", &title, &|one, other| {
        let (one, other) = (
            plain(one).unwrap_or_default(),
            plain(other).unwrap_or_default(),
        );
        one.contains(&other) || other.contains(&one)
    });
    out
}
