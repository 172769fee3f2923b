//! When a tracking is looked at: what may be asked, and what is made of it.

mod asked;
mod limits;
pub mod preview;
mod shape;
mod stored;

pub use asked::{Asked, Change};
pub use limits::{Limits, Plans};
pub use shape::Schedule;
pub use stored::{StoredSpec, Timing};
