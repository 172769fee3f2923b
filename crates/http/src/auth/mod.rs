//! Who is calling and what they may do.
//!
//! A handler names its permission in its signature: [`Read`], [`Write`], [`CrawlScope`] or
//! [`Admin`], each holding the [`Principal`]. The [`Authenticator`] behind them is an `Extension`
//! of the composed router.

mod api_keys;
mod authenticator;
mod claims;
mod grpc;
mod host;
mod keys;
mod lookup;
mod permission;
mod principal;
mod tokens;

pub use authenticator::{Authenticator, Settings};
pub use claims::Claims;
pub use grpc::GrpcIdentity;
pub use lookup::{ApiKeyRecord, IdentityLookup, Jwks, LookupError};
pub use permission::{Admin, CrawlScope, Permission, Read, Write};
pub(crate) use principal::RefusedCredential;
pub use principal::{Actor, Principal, Role, Scope};

/// Header of an API key.
pub const API_KEY_HEADER: &str = "x-api-key";

/// What every API key starts with; a live one with `bw_live_`.
pub const API_KEY_PREFIX: &str = "bw_";
