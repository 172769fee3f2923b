//! What a tenant, a person and a key may look like. Pure: no I/O, no clock, randomness as an argument.

pub mod api_key;
pub mod base_currency;
pub mod email;
pub mod locale;
pub mod lockout;
pub mod mail_retry;
pub mod membership;
pub mod network;
pub mod password;
pub mod reach;
pub mod rise_color;
pub mod scope;
pub mod slug;
pub mod standing;
pub mod tenant_name;
pub mod time_zone;

/// Why a value is refused, in words for the person who typed it.
pub type Refusal = &'static str;

/// The outcome of a rule as garde wants it.
pub(crate) fn valid<T>(outcome: Result<T, Refusal>) -> garde::Result {
    outcome.map(drop).map_err(garde::Error::new)
}
