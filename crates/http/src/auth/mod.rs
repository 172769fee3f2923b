//! Who is calling and what they may do.
//!
//! A handler names its permission in its signature: [`Read`], [`Write`], [`CrawlScope`] or
//! [`Admin`], each holding the [`Principal`]. The [`Authenticator`] behind them is an `Extension`
//! of the composed router.
//!
//! What a request costs on the usual way is a look into memory: tokens, sessions and keys that were checked are believed
//! for seconds, and the identity service says at once when one of them ended ([`Authenticator::follow`]).

pub mod api_key_form;
mod api_keys;
mod authenticator;
mod believed;
mod checked;
mod claims;
pub mod cookies;
mod follow;
mod grpc;
mod host;
mod keys;
mod lookup;
mod permission;
mod principal;
mod refusals;
mod refused;
mod scopes;
mod standing;

pub use authenticator::{Authenticator, Settings};
pub use claims::Claims;
pub use grpc::GrpcIdentity;
pub use host::tenant_label;
pub use lookup::{
    ApiKeyRecord, Change, IdentityLookup, Jwks, KeyAnswer, KeyUse, LookupError, SessionRecord,
};
pub use permission::{Admin, CrawlScope, Permission, Read, Write};
pub(crate) use principal::RefusedCredential;
pub use principal::{Actor, Principal, Role, Scope};
pub use refusals::{LogRefusals, Origin, Refusal, RefusalKind, Refusals};
pub(crate) use refused::Proven;
pub use scopes::Scopes;
pub use standing::Standing;

/// Header of an API key.
pub const API_KEY_HEADER: &str = "x-api-key";
