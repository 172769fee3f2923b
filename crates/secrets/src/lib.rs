//! Sealing, hashing and random tokens: the only crate that touches cryptographic primitives.
//!
//! * [`SecretBox`] seals small values for storage (AES-256-GCM, bound to a context).
//! * [`sha256`] turns a bearer secret of high entropy into what the database may keep.
//! * [`hmac_sha256_hex`] derives one secret from another.
//! * [`hmac_sha1_hex_upper`] signs for upstreams that still want SHA-1.
//! * [`random_token`] makes a new secret.

mod digest;
mod sealed;
mod token;

pub use digest::{constant_time_eq, hmac_sha1_hex_upper, hmac_sha256_hex, sha256, sha256_hex};
pub use sealed::{MASTER_KEY_BYTES, MasterKey, SealError, SecretBox};
pub use token::random_token;
