//! How often the API may be asked: by place, tenant, credential and kind of route.
//!
//! A limit of so many a minute is a bucket that holds a minute's worth and fills again evenly (GCRA): all of it may be
//! used at once, and over time no more than that a minute. Buckets stand in Redis, for all processes together
//! ([`remote`]). A process takes permits from there in batches ([`lease`]), so that most requests are decided by a
//! counter here; while Redis is away each process goes by buckets of its own.
//!
//! [`surround`](crate::surround) puts [`admit`] around a service's routes.

mod class;
mod lane;
mod layer;
mod lease;
mod limiter;
mod remote;
mod settings;

pub use class::Class;
pub use layer::admit;
pub use limiter::Limiter;
pub use settings::Settings;
