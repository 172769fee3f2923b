//! Digests and comparison in constant time.

use aws_lc_rs::{constant_time, digest, hmac};

/// SHA-256 of `bytes`. Fit for secrets of high entropy (API keys, refresh tokens); never for
/// passwords.
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes.as_ref());
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

/// [`sha256`] as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(sha256(bytes))
}

/// HMAC-SHA256 of `text` under `key`, as 64 lower-case hexadecimal digits.
pub fn hmac_sha256_hex(key: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_ref());
    hex::encode(hmac::sign(&key, text.as_ref()))
}

/// HMAC-SHA1 of `text` under `key`, as 40 upper-case hexadecimal digits: only for upstreams whose
/// signatures are made so. Nothing of our own relies on it.
pub fn hmac_sha1_hex_upper(key: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_ref());
    hex::encode_upper(hmac::sign(&key, text.as_ref()))
}

/// Whether both are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> bool {
    constant_time::verify_slices_are_equal(a.as_ref(), b.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_sha1_matches_the_published_vector() {
        // RFC 2202, test case 2.
        assert_eq!(
            hmac_sha1_hex_upper("Jefe", "what do ya want for nothing?"),
            "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79"
        );
    }

    #[test]
    fn sha256_matches_the_published_vector() {
        assert_eq!(
            sha256_hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn hmac_matches_rfc_4231_case_2() {
        assert_eq!(
            hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn comparison_sees_content_and_length() {
        assert!(constant_time_eq("same", "same"));
        assert!(!constant_time_eq("same", "sane"));
        assert!(!constant_time_eq("same", "same and more"));
        assert!(constant_time_eq("", ""));
    }
}
