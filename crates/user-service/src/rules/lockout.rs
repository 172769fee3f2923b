//! How often somebody may be wrong. Pure: an attempt becomes the counters that it counts in.
//!
//! A stranger who is wrong on purpose must not lock an owner out. So no counter goes by the account alone: a place from
//! which the account signed in lately counts by itself, and everywhere else is slowed together.

use std::time::Duration;

use uuid::Uuid;

/// How long a failure counts.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Wrong passwords of one account from a place it is known to use: a person who mistypes, and nobody guesses ten.
const KNOWN_PAIR: u32 = 10;
/// The same from anywhere else.
const STRANGE_PAIR: u32 = 5;
/// Wrong passwords of one account from all unknown places together: what many machines may guess in a day (1,920) finds
/// no password that our rule lets through but the very worst.
const STRANGE_TOGETHER: u32 = 20;
/// Wrong passwords of any accounts from one unknown place: more than a shared office mistypes, less than a list needs.
const PLACE: u32 = 30;
/// Wrong tokens of mails from one place. Nobody guesses 256 bits; whoever tries should stop costing hashes.
const TOKENS: u32 = 20;
/// Mails that one place may ask for.
const ASKED: u32 = 10;

/// Addresses of others that a person may want to have: each refusal says that somebody has it.
const ADDRESSES: u32 = 5;

/// A number of failures within [`WINDOW`], by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// What is counted; without secrets and addresses of people.
    pub key: String,
    /// From this on nobody gets through.
    pub limit: u32,
}

fn counter(key: String, limit: u32) -> Counter {
    Counter { key, limit }
}

/// A password typed for an account, from a place. Unknown accounts count like others, so that nothing shows which exist.
#[must_use]
pub fn password(email: &str, place: &str, known: bool) -> Vec<Counter> {
    let account = hidden(email);
    if known {
        return vec![counter(format!("known:{account}:{place}"), KNOWN_PAIR)];
    }
    vec![
        counter(format!("pair:{account}:{place}"), STRANGE_PAIR),
        counter(format!("strange:{account}"), STRANGE_TOGETHER),
        counter(format!("place:{place}"), PLACE),
    ]
}

/// A token from a mail, or a code, presented from a place.
#[must_use]
pub fn token(place: &str) -> Vec<Counter> {
    vec![counter(format!("token:{place}"), TOKENS)]
}

/// A mail asked for by somebody who is not signed in.
#[must_use]
pub fn mail(place: &str) -> Vec<Counter> {
    vec![counter(format!("mail:{place}"), ASKED)]
}

/// A new address that a person wants.
#[must_use]
pub fn new_address(person: Uuid) -> Vec<Counter> {
    vec![counter(format!("address:{person}"), ADDRESSES)]
}

/// Addresses of people are no names of keys in Redis.
fn hidden(email: &str) -> String {
    let mut digest = secrets::sha256_hex(email);
    digest.truncate(24);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(counters: &[Counter]) -> Vec<&str> {
        counters
            .iter()
            .map(|counter| counter.key.as_str())
            .collect()
    }

    #[test]
    fn a_known_place_shares_no_counter_with_strangers() {
        let home = password("ann@example.com", "192.0.2.1/32", true);
        let strangers = [
            password("ann@example.com", "198.51.100.7/32", false),
            password("ann@example.com", "192.0.2.1/32", false),
        ];
        for stranger in &strangers {
            assert!(keys(&home).iter().all(|key| !keys(stranger).contains(key)));
        }
        assert!(
            keys(&strangers[0])[1..2] == keys(&strangers[1])[1..2],
            "together"
        );
    }

    #[test]
    fn keys_tell_no_address() {
        let counters = password("ann@example.com", "192.0.2.1/32", false);
        assert!(keys(&counters).iter().all(|key| !key.contains("ann")));
    }
}
