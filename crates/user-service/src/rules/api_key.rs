//! The form of API keys: `bw_live_`, 32 random base62 characters (190 bits), 6 characters of checksum.
//!
//! The prefix lets secret scanners find a leaked key; the checksum lets them, and us, tell a real one from noise
//! without a look-up.

use rand::distr::{Alphanumeric, SampleString};

/// What every key begins with.
pub const PREFIX: &str = "bw_live_";
const RANDOM: usize = 32;
const CHECKSUM: usize = 6;
/// How much of the random part is kept to recognise a key by: too little to guess the rest from.
const SHOWN: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new key. It exists in full only here and in the answer to its creator.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Draws a key.
    pub fn generate(random: &mut impl rand::CryptoRng) -> Self {
        let body = Alphanumeric.sample_string(random, RANDOM);
        let checksum = checksum(&body);
        Self(format!("{PREFIX}{body}{checksum}"))
    }

    /// The whole key; show it once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The beginning, kept to recognise the key by.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0[..PREFIX.len() + SHOWN]
    }

    /// What is stored and looked up instead of the key.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        secrets::sha256(&self.0)
    }
}

/// Whether `text` has the form of a key, checksum included.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    let body = text
        .strip_prefix(PREFIX)
        .filter(|rest| rest.len() == RANDOM + CHECKSUM)
        .and_then(|rest| rest.split_at_checked(RANDOM));
    body.is_some_and(|(random, sum)| {
        random.bytes().all(|byte| byte.is_ascii_alphanumeric()) && sum == checksum(random)
    })
}

/// The first 32 bits of SHA-256 in base62.
fn checksum(body: &str) -> String {
    let digest = secrets::sha256(body);
    let mut number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(number % 62) as usize];
        number /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_generated_key_is_well_formed_and_differs_from_the_next() {
        let mut random = StdRng::seed_from_u64(7);
        let (one, two) = (ApiKey::generate(&mut random), ApiKey::generate(&mut random));
        assert_ne!(one.expose(), two.expose());
        for key in [&one, &two] {
            assert!(is_well_formed(key.expose()));
            assert_eq!(key.expose().len(), PREFIX.len() + RANDOM + CHECKSUM);
            assert!(key.expose().starts_with(key.prefix()));
            assert_eq!(key.prefix().len(), 14);
        }
    }

    #[test]
    fn a_changed_key_is_not() {
        let key = ApiKey::generate(&mut StdRng::seed_from_u64(7)).0;
        let other = if key.as_bytes()[12] == b'a' { "b" } else { "a" };
        let mut changed = key.clone();
        changed.replace_range(12..13, other);
        for text in [
            "",
            "bw_live_",
            &changed,
            &key[..key.len() - 1],
            &key.replace("live", "test"),
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
    }
}
