//! Conditions as people write them.

mod events;
mod fields;
mod read;
mod shape;
mod show;

pub use fields::basis_points;
pub use read::read;
pub use shape::Condition;
pub use show::show;

#[cfg(test)]
mod tests;
