//! Alerts as the API shows them, and the rules that raise them ([`rules`]). Rules' are raised in [`crate::ingest`], monitors'
//! in [`crate::monitors`], sources' in [`sources`], those of products that cannot be fetched in [`targets`].

mod handlers;
pub(crate) mod rules;
pub(crate) mod sources;
mod store;
pub(crate) mod targets;
pub mod view;

pub use handlers::routes;

/// Longest text of others that a message quotes, in characters.
const LONGEST_QUOTE: usize = 500;

/// Without what the database cannot store.
fn plain(text: &str) -> String {
    text.replace('\0', "")
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_QUOTE).collect()
}
