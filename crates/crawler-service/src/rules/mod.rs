//! When something is fetched next, how much may be under way, what travels together.
//!
//! Pure: time and randomness come in as arguments, nothing here knows the database or the broker.

pub mod admission;
pub mod cadence;
pub mod due;
pub mod fair;
pub mod group;
pub mod opening;
pub mod outcome;
pub mod priority;
pub mod progress;
pub mod quota;
pub mod released;
pub mod round;
pub mod rounds;
pub mod searching;
pub mod shares;
pub mod slots;
pub mod story;
pub mod sync;
pub mod tracked;
pub mod trouble;
pub mod window;
