//! What names a listing, and what it says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::source::Source;

/// A public listing's name: unique over the world. `marketplace` is an upper-case ISO 3166 code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListingRef {
    /// Where it is listed.
    pub source: Source,
    /// Upper-case ISO 3166 code of the shop's country.
    pub marketplace: String,
    /// The source's own id: an ASIN, a PopMart product or SKU id, a web page's address without its scheme.
    pub external_id: String,
}

/// What a listing says of itself besides figures. Every part may be unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// The page a person would open.
    pub url: Option<String>,
    /// The product's name as listed.
    pub title: Option<String>,
    /// The maker or brand.
    pub brand: Option<String>,
    /// The series or collection.
    pub series: Option<String>,
    /// The category's name or path, parts joined by ` > `.
    pub category: Option<String>,
    /// Picture addresses, the main one first.
    pub images: Vec<String>,
    /// Addresses of films about it.
    pub videos: Vec<String>,
    /// What the seller says of it, as plain text.
    pub description: Option<String>,
    /// Bullet points.
    pub features: Vec<String>,
    /// Other named facts. Those that several sources know have the names that `docs/sources.md` lists; the others keep
    /// the words of the listing.
    pub attributes: BTreeMap<String, String>,
    /// What kind of product it is said to be.
    pub flags: Flags,
}

/// Kinds that people filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Flags {
    /// Newly listed by the source's own word.
    pub new: bool,
    /// A limited edition.
    pub limited: bool,
    /// Sold before its release.
    pub pre_order: bool,
    /// The buyer does not know which figure is inside.
    pub blind_box: bool,
}
