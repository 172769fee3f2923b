//! New secrets.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A new random token of `bytes` bytes of entropy, as URL-safe base64 without padding
/// (32 bytes become 43 characters).
///
/// # Panics
/// If the operating system has no randomness to give: going on would hand out guessable secrets.
pub fn random_token(bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut raw).expect("the system's random source answers");
    URL_SAFE_NO_PAD.encode(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_asked_length_and_differ() {
        let (a, b) = (random_token(32), random_token(32));
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
        assert!(
            a.bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
        );
    }
}
