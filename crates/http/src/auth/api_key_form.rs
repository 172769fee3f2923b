//! The form of API keys: `bw_live_`, 32 random base62 characters (190 bits), 6 characters of checksum.
//!
//! The prefix lets secret scanners find a leaked key; the checksum lets them, and us, tell a real one from noise
//! without a look-up.

/// What every key begins with.
pub const PREFIX: &str = "bw_live_";
/// Random characters of a key.
pub const RANDOM: usize = 32;
const CHECKSUM: usize = 6;
/// Characters of a whole key.
pub const LENGTH: usize = PREFIX.len() + RANDOM + CHECKSUM;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The key with these [`RANDOM`] characters.
#[must_use]
pub fn complete(body: &str) -> String {
    let sum = checksum(body);
    let sum: String = sum.iter().map(|digit| char::from(*digit)).collect();
    format!("{PREFIX}{body}{sum}")
}

/// Whether `text` has the form of a key, checksum included.
#[must_use]
pub fn is_well_formed(text: &[u8]) -> bool {
    let body = text
        .strip_prefix(PREFIX.as_bytes())
        .filter(|rest| rest.len() == RANDOM + CHECKSUM)
        .and_then(|rest| rest.split_at_checked(RANDOM));
    body.is_some_and(|(random, sum)| {
        random.iter().all(u8::is_ascii_alphanumeric) && sum == checksum(random)
    })
}

/// The first 32 bits of SHA-256 in base62.
fn checksum(body: impl AsRef<[u8]>) -> [u8; CHECKSUM] {
    let digest = secrets::sha256(body);
    let mut number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_as_it_was_made_is_well_formed() {
        let key = complete("0123456789abcdefghijABCDEFGHIJKL");
        assert_eq!(key.len(), LENGTH);
        assert!(is_well_formed(key.as_bytes()));
        let other = if key.as_bytes()[12] == b'a' { "b" } else { "a" };
        let mut changed = key.clone();
        changed.replace_range(12..13, other);
        for text in [
            "",
            "bw_live_",
            &changed,
            &key[..key.len() - 1],
            &key.replace("live", "test"),
            &format!("{key}0"),
            &complete("0123456789abcdefghijABCDEFGHIJK-"),
        ] {
            assert!(!is_well_formed(text.as_bytes()), "{text}");
        }
    }
}
