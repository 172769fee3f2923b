//! Unsigned files of the content network: 20 rows a page, 404 after the last.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use serde_json::json;

use super::lists::Collection;
use crate::{server::public_base, world::World};

const ROWS: usize = 20;

/// `GET /shop_productoncollection-{collection}-1-{page}-{country}-{lang}.json` and
/// `GET /shop_presalenewproducts-{country}-{lang}.json`.
pub(super) async fn file(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Response {
    let base = public_base(&world, &headers);
    let body = match File::of(&name) {
        Some(File::Collection { id, page, country }) => Collection::find(&world, &country, id)
            .map(|found| found.page(&world, &base, page.max(1), ROWS))
            .filter(|file| page >= 1 && file["productData"] != json!([])),
        Some(File::NewProducts { country }) => Collection::new_arrivals(&world, &country)
            .map(|found| found.page(&world, &base, 1, found.products.len())),
        None => None,
    };
    match body {
        Some(body) => Json(body).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            "<html><body>404 Not Found</body></html>",
        )
            .into_response(),
    }
}

/// A file's name, read.
#[derive(Debug, PartialEq, Eq)]
enum File {
    Collection {
        id: i64,
        page: usize,
        country: String,
    },
    NewProducts {
        country: String,
    },
}

impl File {
    fn of(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_suffix(".json")?.split('-').collect();
        match parts.as_slice() {
            [
                "shop_productoncollection",
                id,
                "1",
                page,
                country,
                _language,
            ] => Some(Self::Collection {
                id: id.parse().ok()?,
                page: page.parse().ok()?,
                country: country.to_uppercase(),
            }),
            ["shop_presalenewproducts", country, _language] => Some(Self::NewProducts {
                country: country.to_uppercase(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let country = "US".to_owned();
        assert_eq!(
            File::of("shop_productoncollection-331-1-2-us-en.json"),
            Some(File::Collection {
                id: 331,
                page: 2,
                country: country.clone()
            })
        );
        assert_eq!(
            File::of("shop_presalenewproducts-us-en.json"),
            Some(File::NewProducts { country })
        );
        assert_eq!(File::of("shop_productoncollection-x-1-2-us-en.json"), None);
        assert_eq!(File::of("favicon.ico"), None);
    }
}
