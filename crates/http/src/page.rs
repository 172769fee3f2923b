//! Lists, a page at a time.

use axum::extract::FromRequestParts;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use garde::Validate;
use http::request::Parts;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use crate::{ApiError, extract::read_query};

/// Items of a page when the request does not say.
pub const DEFAULT_LIMIT: u32 = 50;

/// Items of the largest page.
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of `limit` items out of `limit + 1` that were read: the one too many says that there
    /// is a next page, which begins after the last item shown.
    pub fn of(mut items: Vec<T>, limit: u32, position: impl FnOnce(&T) -> Cursor) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more {
            items.last().map(position)
        } else {
            None
        };
        Self { items, next_cursor }
    }

    /// The same page of other items.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// A place in a list. Opaque to callers; inside, the sort key of the last item shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Cursor(String);

impl Cursor {
    /// After an item with this sort key.
    ///
    /// # Panics
    /// When `key` does not become JSON; texts, numbers, ids, times and tuples of them do.
    pub fn after(key: &impl Serialize) -> Self {
        let json = serde_json::to_vec(key).expect("a sort key becomes JSON");
        Self(URL_SAFE_NO_PAD.encode(json))
    }

    /// The sort key inside.
    ///
    /// # Errors
    /// 422 when it is not one of ours.
    pub fn key<K: DeserializeOwned>(&self) -> Result<K, ApiError> {
        let json = URL_SAFE_NO_PAD.decode(&self.0).ok();
        json.and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or_else(|| {
                ApiError::invalid(
                    "cursor",
                    "is not a cursor of this list; send next_cursor unchanged",
                )
            })
    }
}

/// Which page: `?limit=&cursor=`. As an extractor it refuses any other parameter; lists with
/// filters use [`Paged`].
#[derive(Debug, Clone, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageRequest {
    /// Items of the page.
    #[param(minimum = 1, maximum = 200, default = 50, required = false)]
    pub limit: u32,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

impl PageRequest {
    /// How many rows to read: one more than shown tells whether there is a next page.
    pub const fn fetch(&self) -> u64 {
        self.limit as u64 + 1
    }

    /// The sort key to go on after, if this is not the first page.
    ///
    /// # Errors
    /// 422 when the cursor is not one of this list.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, ApiError> {
        self.cursor.as_ref().map(Cursor::key).transpose()
    }
}

/// Filters and page of a list: `?q=…&limit=&cursor=`. `T` has no `limit` and `cursor` of its own.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The other parameters.
    pub filter: T,
    /// Which page.
    pub page: PageRequest,
}

/// For lists without filters.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

impl<T> Paged<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    fn read(query: &str) -> Result<Self, ApiError> {
        let mut page = PageRequest {
            limit: DEFAULT_LIMIT,
            cursor: None,
        };
        let mut rest = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "limit" => page.limit = limit(&value)?,
                "cursor" if value.is_empty() => {}
                "cursor" => page.cursor = Some(Cursor(value.into_owned())),
                _ => {
                    rest.append_pair(&name, &value);
                }
            }
        }
        Ok(Self {
            filter: read_query(&rest.finish())?,
            page,
        })
    }
}

fn limit(text: &str) -> Result<u32, ApiError> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        ApiError::invalid(
            "limit",
            format!("must be a whole number from 1 to {MAX_LIMIT}"),
        )
    })
}

impl<T, S> FromRequestParts<S> for Paged<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Paged::<NoFilter>::read(parts.uri.query().unwrap_or_default()).map(|paged| paged.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[garde(skip)]
        q: Option<String>,
        #[garde(inner(range(min = 1)))]
        points: Option<u32>,
    }

    fn refused(query: &str) -> String {
        let error = Paged::<Filter>::read(query).expect_err("refused");
        error
            .errors()
            .iter()
            .map(|e| format!("{} {}", e.field, e.message))
            .collect()
    }

    #[test]
    fn filters_and_page_come_apart() {
        let paged = Paged::<Filter>::read("limit=7&q=a%26b&cursor=abc&points=3").expect("valid");
        assert_eq!(
            paged.page,
            PageRequest {
                limit: 7,
                cursor: Some(Cursor("abc".to_owned()))
            }
        );
        assert_eq!(
            (paged.filter.q.as_deref(), paged.filter.points),
            (Some("a&b"), Some(3))
        );
        let paged = Paged::<Filter>::read("").expect("valid");
        assert_eq!(
            paged.page,
            PageRequest {
                limit: 50,
                cursor: None
            }
        );
    }

    #[test]
    fn bad_parameters_are_named() {
        for bad in ["0", "201", "-1", "many", ""] {
            assert_eq!(
                refused(&format!("limit={bad}")),
                "limit must be a whole number from 1 to 200"
            );
        }
        assert_eq!(
            refused("colour=red"),
            "colour is not a known field; known here: q, points"
        );
        assert_eq!(refused("points=x"), "points must be a whole number");
        assert!(refused("points=0").starts_with("points "));
    }

    #[test]
    fn a_cursor_gives_its_key_back_and_foreign_ones_are_refused() {
        let cursor = Cursor::after(&("2026-01-01", 5));
        assert_eq!(
            cursor.key::<(String, i64)>().expect("ours"),
            ("2026-01-01".to_owned(), 5)
        );
        assert!(cursor.key::<u32>().is_err());
        assert!(Cursor("%%%".to_owned()).key::<u32>().is_err());
    }

    #[test]
    fn one_item_too_many_makes_a_next_page() {
        let page = Page::of(vec![1, 2, 3], 2, Cursor::after);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next_cursor, Some(Cursor::after(&2)));
        assert_eq!(Page::of(vec![1, 2], 2, Cursor::after).next_cursor, None);
    }
}
