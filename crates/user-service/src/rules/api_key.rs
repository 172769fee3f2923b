//! New API keys. Their form, with its checksum, is `http_kit`'s, because every service checks it.

use http_kit::auth::api_key_form::{self, PREFIX, RANDOM};
use rand::distr::{Alphanumeric, SampleString};

/// How much of the random part is kept to recognise a key by: too little to guess the rest from.
const SHOWN: usize = 6;

/// A new key. It exists in full only here and in the answer to its creator.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Draws a key.
    pub fn generate(random: &mut impl rand::CryptoRng) -> Self {
        Self(api_key_form::complete(
            &Alphanumeric.sample_string(random, RANDOM),
        ))
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
            assert!(api_key_form::is_well_formed(key.expose().as_bytes()));
            assert!(key.expose().starts_with(key.prefix()));
            assert_eq!(key.prefix().len(), 14);
        }
    }
}
