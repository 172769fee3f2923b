//! Extractors that answer bad input with a problem that says what to do.

mod json;
mod path;
mod query;
mod wording;

pub use json::Json;
pub use path::Path;
pub use query::Query;

pub(crate) use json::read_body;
pub(crate) use query::read as read_query;
