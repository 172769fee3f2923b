//! Reading control's input.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::error::Unusable;
use crate::{
    apify::is_asin,
    market::{
        ListingKey, Source, alibaba1688_currency, amazon_place, haier_currency, popmart_currency,
        web_currency,
    },
};

/// A JSON body. The content type does not matter; anything wrong with it is a 422 that says what.
pub(super) struct Input<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Unusable;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| Unusable::new("body", error.to_string()))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Unusable::new("body", error.to_string()))
    }
}

/// Tells a field that is absent (`None`) from one that is null (`Some(None)`).
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The listing that an input names. The marketplace may be in any case.
pub(super) fn key(
    source: Source,
    marketplace: &str,
    external_id: &str,
) -> Result<ListingKey, Unusable> {
    let marketplace = marketplace.to_uppercase();
    let served = match source {
        Source::Amazon => amazon_place(&marketplace).is_some(),
        Source::Popmart => popmart_currency(&marketplace).is_some(),
        Source::Haier => haier_currency(&marketplace).is_some(),
        Source::Alibaba1688 => alibaba1688_currency(&marketplace).is_some(),
        Source::Web => web_currency(&marketplace).is_some(),
    };
    if !served {
        let text = format!("{source} has no marketplace `{marketplace}`");
        return Err(Unusable::new("marketplace", text));
    }
    let id = match source {
        Source::Amazon if is_asin(external_id) => external_id.to_uppercase(),
        Source::Amazon => {
            let text = format!("`{external_id}` is no ASIN: ten letters or digits");
            return Err(Unusable::new("external_id", text));
        }
        Source::Popmart if is_id(external_id) => external_id.to_owned(),
        // Its whole address does as well.
        Source::Web if page(external_id).is_some() => {
            page(external_id).unwrap_or_default().to_owned()
        }
        Source::Haier if is_id(external_id) => external_id.to_uppercase(),
        Source::Alibaba1688 if is_number(external_id) => external_id.to_owned(),
        Source::Alibaba1688 => {
            let text = format!("`{external_id}` is no offer id: digits");
            return Err(Unusable::new("external_id", text));
        }
        Source::Popmart | Source::Haier | Source::Web => {
            let text =
                format!("`{external_id}` is no product id: 1 to 64 letters, digits or hyphens");
            return Err(Unusable::new("external_id", text));
        }
    };
    Ok(ListingKey::new(source, marketplace, id))
}

/// The last part of a page's address.
fn page(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?;
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|id| is_id(id))
}

fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|number| number > 0) && !text.starts_with(['0', '+'])
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
