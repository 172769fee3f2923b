//! Answers kept for a while: first in this process, then in Redis, which all processes share.
//!
//! - An answer belongs to one tenant and is about one subject, such as a product. [`Cache::forget`] makes all answers
//!   about a subject worthless at once, whoever's they are.
//! - Nothing that was read before a subject was forgotten is ever served after it, however slow its reader was: answers
//!   carry the generation they were read in, and are compared with the present one when they are asked for.
//! - Of many that ask for the same one reads, and the others wait for it.
//! - Who cannot hear what changes must not answer from memory: until [`Cache::trust`] says that he can, every answer is
//!   read anew. What was kept while nobody heard is worthless ([`Cache::flush`]).
//! - While Redis is away, this process's own layer is all there is.

mod answer;
mod generations;
mod layers;
mod remote;
mod stamp;

pub use answer::{Answer, Class, Key};
pub use layers::{Cache, Settings};
pub use remote::UnusableRedis;
