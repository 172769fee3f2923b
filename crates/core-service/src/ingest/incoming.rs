//! Reading observations off the wire: shapes and lengths here, meaning in `domain`.

use chrono::{DateTime, TimeZone, Utc};
use connectors::Ability;
use contracts::catalog::v1 as wire;
use domain::availability::Availability;
use domain::listing::Flags;
use domain::observation::{self, CategoryRank, Offer, Values};
use domain::source::Source;
use uuid::Uuid;

use super::content::NewContent;

/// Where a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A crawl of now.
    Crawl,
    /// Past observations handed in by an operator.
    Import,
}

impl Origin {
    /// The number in `history.origin`.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Crawl => 1,
            Self::Import => 2,
        }
    }
}

/// What names a listing over the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListingName {
    /// Where it is listed.
    pub source: Source,
    /// Upper-case ISO 3166.
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// Set for a listing read with a tenant's own credentials.
    pub owner: Option<Uuid>,
}

/// An observation whose form and values are good.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Which listing.
    pub name: ListingName,
    /// For a variant: its parent.
    pub parent: Option<ListingName>,
    /// When it was seen.
    pub observed_at: DateTime<Utc>,
    /// The crawl round that saw it; 0 for imports.
    pub round: i64,
    /// The figures.
    pub values: Values,
    /// What the listing says of itself, as far as it was learnt.
    pub content: Option<NewContent>,
}

/// Why an observation cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// For people.
    pub reason: String,
    /// What is known of the look all the same; `None` when not even that can be read.
    pub look: Option<Box<RefusedLook>>,
}

/// A look that came to nothing: as much of it as the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLook {
    /// At which listing.
    pub name: ListingName,
    /// When.
    pub observed_at: DateTime<Utc>,
    /// A stable word for what is wrong.
    pub code: &'static str,
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self { reason, look: None }
    }
}

impl From<&str> for Refused {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

/// Longest external id and seller, in bytes; the ids stand in an index.
const MAX_NAME: usize = 200;
/// Most ranks kept of one observation.
const MAX_RANKS: usize = 50;

/// Reads one observation.
///
/// # Errors
/// When it is malformed, lies in the future, or holds a value out of range.
pub fn read(sent: wire::Observation, now: DateTime<Utc>) -> Result<Incoming, Refused> {
    let (name, parent) = names(&sent)?;
    let observed_at = Utc
        .timestamp_micros(sent.observed_at_us)
        .single()
        .filter(|at| at.timestamp() >= EARLIEST_UNIX)
        .ok_or("observed_at is not an instant after the year 2000")?;
    if sent.round < 0 {
        return Err("round is negative".into());
    }
    let refused = |code: &'static str, reason: String| Refused {
        reason,
        look: Some(Box::new(RefusedLook {
            name: name.clone(),
            observed_at,
            code,
        })),
    };
    let values =
        values(sent.values.unwrap_or_default()).map_err(|reason| refused("malformed", reason))?;
    observation::check(observed_at, &values, now)
        .map_err(|refusal| refused(refusal.code(), refusal.to_string()))?;
    let mut content = sent.content.map(content);
    if let Some(content) = &mut content
        && parent.is_none()
        && any_shop(name.source)
    {
        // A page's address is what was asked for: the one it calls its own may be another product's.
        content.url = None;
    }
    Ok(Incoming {
        parent,
        observed_at,
        round: sent.round,
        values,
        content,
        name,
    })
}

/// Whether the source's listings are pages of any shop, which nothing but their address names.
fn any_shop(source: Source) -> bool {
    connectors::about(source).is_some_and(|about| about.abilities.contains(&Ability::Candidates))
}

/// Reads which listing is meant, and its parent's name for a variant; the error is for people.
///
/// # Errors
/// When the name cannot be one.
pub fn names(sent: &wire::Observation) -> Result<(ListingName, Option<ListingName>), String> {
    let source: Source = sent
        .source
        .parse()
        .map_err(|error: domain::source::UnknownSource| error.to_string())?;
    if connectors::about(source).is_none() {
        return Err(format!("`{source}` is not a source"));
    }
    let owner = sent
        .owner_tenant_id
        .as_deref()
        .map(|id| Uuid::parse_str(id).map_err(|_| "owner_tenant_id is not a UUID".to_owned()))
        .transpose()?;
    let marketplace = sent.marketplace.clone();
    if marketplace.len() != 2 || !marketplace.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err("marketplace is not an upper-case ISO 3166 code".to_owned());
    }
    let name = ListingName {
        source,
        marketplace,
        external_id: identifier("external_id", sent.external_id.clone())?,
        owner,
    };
    let parent = sent
        .parent_external_id
        .clone()
        .filter(|id| *id != name.external_id)
        .map(|id| identifier("parent_external_id", id))
        .transpose()?
        .map(|external_id| ListingName {
            external_id,
            ..name.clone()
        });
    Ok((name, parent))
}

/// 2000-01-01: history has no months before it.
const EARLIEST_UNIX: i64 = 946_684_800;

/// An id that can stand in an index and in a text column.
fn identifier(field: &str, text: String) -> Result<String, String> {
    if text.is_empty() || text.len() > MAX_NAME || text.contains('\0') {
        return Err(format!("{field} is empty, too long or not text"));
    }
    Ok(text)
}

fn values(sent: wire::Values) -> Result<Values, String> {
    let offer = match wire::values::Offer::try_from(sent.offer) {
        Ok(wire::values::Offer::NotCollected) => Offer::NotCollected,
        Ok(wire::values::Offer::Offered) => Offer::Offered,
        Ok(wire::values::Offer::None) => Offer::None,
        Err(_) => return Err("offer is not a known value".to_owned()),
    };
    let availability = match sent.availability.as_str() {
        "" => Availability::Unknown,
        text => Availability::parse(text)
            .ok_or_else(|| "availability is not one of the known words".to_owned())?,
    };
    if sent.ranks.len() > MAX_RANKS {
        return Err(format!("more than {MAX_RANKS} ranks"));
    }
    let ranks = sent
        .ranks
        .into_iter()
        .map(|entry| {
            Ok(CategoryRank {
                category: identifier("rank category", entry.category)?,
                rank: entry.rank,
            })
        })
        .collect::<Result<_, String>>()?;
    let mut values = Values {
        offer,
        currency: sent.currency.map(|code| code.to_ascii_uppercase()),
        price: sent.price_minor,
        list_price: sent.list_price_minor,
        buy_box_price: sent.buy_box_price_minor,
        buy_box_seller: sent
            .buy_box_seller
            .map(|seller| identifier("buy_box_seller", seller))
            .transpose()?,
        availability,
        in_stock: sent.in_stock,
        stock_quantity: sent.stock_quantity,
        ranks,
        rating_hundredths: sent.rating_hundredths,
        review_count: sent.review_count,
    };
    if values.price.is_none() && values.list_price.is_none() && values.buy_box_price.is_none() {
        // A currency alone says nothing; kept, it would make equal observations differ.
        values.currency = None;
    }
    Ok(values)
}

fn content(sent: wire::Content) -> NewContent {
    NewContent {
        url: sent.url,
        title: sent.title,
        brand: sent.brand,
        series: sent.series,
        category: sent.category,
        images: sent.images,
        features: sent.features,
        attributes: sent.attributes.into_iter().collect(),
        description: sent.description,
        videos: sent.videos,
        flags: sent.flags.map(|flags| Flags {
            new: flags.new,
            limited: flags.limited,
            pre_order: flags.pre_order,
            blind_box: flags.blind_box,
        }),
    }
    .trimmed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> wire::Observation {
        wire::Observation {
            source: "amazon".into(),
            marketplace: "US".into(),
            external_id: "B0D3V6Y38G".into(),
            observed_at_us: 1_760_000_000_000_000,
            round: 1,
            values: Some(wire::Values {
                offer: wire::values::Offer::Offered.into(),
                currency: Some("usd".into()),
                price_minor: Some(1999),
                ..wire::Values::default()
            }),
            ..wire::Observation::default()
        }
    }

    fn refused(change: impl FnOnce(&mut wire::Observation)) -> String {
        let mut observation = sent();
        change(&mut observation);
        read(observation, Utc::now())
            .expect_err("must be refused")
            .reason
    }

    #[test]
    fn a_good_observation_is_read() {
        let read = read(sent(), Utc::now()).expect("good");
        assert_eq!(read.values.currency.as_deref(), Some("USD"));
        assert_eq!(read.values.price, Some(1999));
    }

    #[test]
    fn what_the_database_would_choke_on_is_refused_with_a_reason() {
        assert!(refused(|o| o.external_id = "a\0b".into()).contains("external_id"));
        assert!(refused(|o| o.external_id = "x".repeat(3000)).contains("external_id"));
        assert!(refused(|o| o.marketplace = "us".into()).contains("marketplace"));
        assert!(refused(|o| o.observed_at_us = i64::MIN).contains("observed_at"));
        assert!(refused(|o| o.observed_at_us = 0).contains("observed_at"));
        assert!(refused(|o| o.source = "ebay".into()).contains("ebay"));
        assert!(refused(|o| o.round = -1).contains("round"));
    }

    #[test]
    fn a_page_cannot_send_us_to_another_address() {
        let url_of = |source: &str| {
            let mut observation = sent();
            observation.source = source.into();
            observation.content = Some(wire::Content {
                url: Some("https://shop.example/another".into()),
                ..wire::Content::default()
            });
            read(observation, Utc::now())
                .expect("good")
                .content
                .expect("content")
                .url
        };
        assert_eq!(url_of("web"), None);
        assert!(url_of("popmart").is_some());
    }

    #[test]
    fn a_currency_without_an_amount_is_dropped() {
        let mut observation = sent();
        observation.values = Some(wire::Values {
            offer: wire::values::Offer::None.into(),
            currency: Some("USD".into()),
            ..wire::Values::default()
        });
        assert_eq!(
            read(observation, Utc::now()).expect("good").values.currency,
            None
        );
    }
}
