//! The outside world on localhost: a seeded market, served on each upstream's real wire format.
//!
//! [`Market`] is pure: what a shop shows of a listing is a function of seed, listing and instant. [`Sim`] puts
//! it behind HTTP on one port: Apify under `/apify`, PopMart under `/popmart`, Haier's platform under `/haier`,
//! 1688's under `/alibaba1688`, a web shop under `/shop`, pictures under `/img`, mails that its mail server got (on a port
//! of its own) under `/mail`, and under `/_control` a way to set listings, serve recorded answers, break things on purpose and see what was asked.

// The items of some actors have more fields than `json!` expands within the default limit.
#![recursion_limit = "256"]

mod alibaba1688;
mod apify;
mod control;
mod haier;
mod images;
mod mail;
pub mod market;
mod options;
mod popmart;
mod server;
mod shop;
mod world;

pub use apify::{
    AXESSO_ACTOR, AXESSO_SEARCH_ACTOR, BESTSELLERS_ACTOR, CRAWLERBROS_ACTOR, JUNGLEE_ACTOR,
};
pub use market::{Listing, ListingKey, Market, Snapshot, Source};
pub use options::{
    ALIBABA1688_APP_KEY, ALIBABA1688_APP_SECRET, ALIBABA1688_REFRESH_TOKEN, APIFY_TOKEN, Clock,
    HAIER_CLIENT_ID, HAIER_CLIENT_SECRET, HAIER_COUNTY, HAIER_CUSTOMER, HAIER_PASSWORD,
    POPMART_CLIENT_KEY, POPMART_SIGN_SALT, SimOptions,
};
pub use popmart::sign;
pub use server::Sim;
