//! Every operation of the API's document, each with a case: what it needs, what it names, how it succeeds.
//!
//! One table drives four walks: who may do it at all, that another tenant's ids are answered like unknown ones, that what
//! changes something is in the audit log, and that nothing of a tenant shows in metrics. An operation without a case
//! fails, and says which file wants it: `identity.rs`, `catalog.rs` or `crawl.rs` beside this one.

mod allowed;
mod audited;
mod caller;
mod case;
mod catalog;
mod crawl;
mod document;
mod identity;
mod ids;
mod isolated;
mod scene;
mod told;

/// Every case, in an order in which each finds what it needs.
fn cases() -> Vec<case::Case> {
    [identity::cases(), catalog::cases(), crawl::cases()]
        .into_iter()
        .flatten()
        .collect()
}
