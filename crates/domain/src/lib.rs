//! The rules of Bellwether: what a price is, when two observations differ, when an alert fires.
//!
//! Nothing here does I/O, knows the time or a database. Whatever decides something about a product
//! stands here once and is called from everywhere else.

pub mod alert;
pub mod availability;
pub mod history;
pub mod listing;
pub mod money;
pub mod observation;
pub mod popularity;
pub mod quarantine;
pub mod quota;
pub mod schedule;
pub mod source;
pub mod spelling;
pub mod statistics;
