//! Values sealed for storage.

use std::{fmt, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::STANDARD};

/// Length of a master key.
pub const MASTER_KEY_BYTES: usize = 32;

/// The id that a box made from one key gives to it.
const FIRST_KEY_ID: u8 = 1;

/// The key that seals everything. Debug hides it.
#[derive(Clone)]
pub struct MasterKey([u8; MASTER_KEY_BYTES]);

impl MasterKey {
    /// The key in `text`, standard base64 of exactly [`MASTER_KEY_BYTES`] bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when `text` is anything else.
    pub fn from_base64(text: &str) -> Result<Self, SealError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| SealError::BadKey)?;
        bytes.try_into().map(Self).map_err(|_| SealError::BadKey)
    }
}

impl From<[u8; MASTER_KEY_BYTES]> for MasterKey {
    fn from(bytes: [u8; MASTER_KEY_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(hidden)")
    }
}

/// Why something could not be sealed or opened. Says nothing about the content.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// The master key is not 32 bytes in base64.
    #[error("the master key must be {MASTER_KEY_BYTES} bytes in base64")]
    BadKey,
    /// The sealed value names a key which this ring does not hold.
    #[error("the value was sealed with key {0}, which is not in the ring")]
    UnknownKey(u8),
    /// The value was changed, cut, or belongs to another context.
    #[error("the sealed value does not open: changed, cut, or of another context")]
    Broken,
    /// The primitive refused (a value of many gigabytes).
    #[error("the value could not be sealed")]
    Refused,
}

/// Seals values with AES-256-GCM under a ring of keys; cheap to clone.
///
/// Layout of a sealed value: key id (1 byte), random nonce (12), ciphertext, tag (16). The newest
/// key seals, every key of the ring opens, so a key is rotated by putting a new one in front and
/// sealing again at leisure.
///
/// The `context` is authenticated but not stored: give what the value belongs to
/// (`"credential:<id>"`), so that a value copied to another row does not open there.
#[derive(Clone)]
pub struct SecretBox {
    ring: Arc<[(u8, RandomizedNonceKey)]>,
}

impl SecretBox {
    /// A ring of one key.
    pub fn new(key: MasterKey) -> Self {
        Self::ring([(FIRST_KEY_ID, key)])
    }

    /// A ring of several keys with their ids, the sealing one first.
    ///
    /// # Panics
    /// When `keys` is empty.
    pub fn ring(keys: impl IntoIterator<Item = (u8, MasterKey)>) -> Self {
        let ring: Arc<[_]> = keys
            .into_iter()
            .map(|(id, key)| {
                let key = RandomizedNonceKey::new(&AES_256_GCM, &key.0)
                    .expect("32 bytes are a key of AES-256");
                (id, key)
            })
            .collect();
        assert!(!ring.is_empty(), "a ring has at least one key");
        Self { ring }
    }

    /// The number of the key that seals now.
    pub fn sealing_key(&self) -> u8 {
        self.ring[0].0
    }

    /// The number of the key that a value was sealed with; `None` for an empty one.
    pub fn key_of(sealed: &[u8]) -> Option<u8> {
        sealed.first().copied()
    }

    /// `plain`, sealed for `context`.
    ///
    /// # Errors
    /// [`SealError::Refused`] for a value beyond the cipher's limit (64 GiB).
    pub fn seal(&self, plain: &[u8], context: impl AsRef<[u8]>) -> Result<Vec<u8>, SealError> {
        let (id, key) = &self.ring[0];
        let mut text = plain.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(context.as_ref()), &mut text)
            .map_err(|_| SealError::Refused)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
        sealed.push(*id);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// What [`seal`](Self::seal) was given, if `context` is the same.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] and [`SealError::Broken`].
    pub fn open(&self, sealed: &[u8], context: impl AsRef<[u8]>) -> Result<Vec<u8>, SealError> {
        let (id, rest) = sealed.split_first().ok_or(SealError::Broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        let (_, key) = self
            .ring
            .iter()
            .find(|(known, _)| known == id)
            .ok_or(SealError::UnknownKey(*id))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let mut text = text.to_vec();
        let length = key
            .open_in_place(nonce, Aad::from(context.as_ref()), &mut text)
            .map_err(|_| SealError::Broken)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

impl fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u8> = self.ring.iter().map(|(id, _)| *id).collect();
        f.debug_struct("SecretBox")
            .field("key_ids", &ids)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey::from([byte; MASTER_KEY_BYTES])
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealer = SecretBox::new(key(7));
        for plain in [&b""[..], b"token", &[0; 5000]] {
            let sealed = sealer.seal(plain, "row:1").unwrap();
            assert_eq!(sealer.open(&sealed, "row:1").unwrap(), plain);
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let sealer = SecretBox::new(key(7));
        assert_ne!(
            sealer.seal(b"x", "c").unwrap(),
            sealer.seal(b"x", "c").unwrap()
        );
    }

    #[test]
    fn another_context_key_or_content_does_not_open() {
        let sealer = SecretBox::new(key(7));
        let sealed = sealer.seal(b"token", "row:1").unwrap();
        assert_eq!(sealer.open(&sealed, "row:2"), Err(SealError::Broken));
        assert_eq!(
            SecretBox::new(key(8)).open(&sealed, "row:1"),
            Err(SealError::Broken)
        );
        for at in 1..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(
                sealer.open(&changed, "row:1"),
                Err(SealError::Broken),
                "byte {at}"
            );
        }
        for length in 0..sealed.len() {
            assert_eq!(
                sealer.open(&sealed[..length], "row:1"),
                Err(SealError::Broken)
            );
        }
    }

    #[test]
    fn a_rotated_ring_opens_old_values_and_seals_with_the_new_key() {
        let old = SecretBox::new(key(1));
        let sealed = old.seal(b"token", "c").unwrap();
        let rotated = SecretBox::ring([(2, key(2)), (1, key(1))]);
        assert_eq!(rotated.open(&sealed, "c").unwrap(), b"token");
        let fresh = rotated.seal(b"token", "c").unwrap();
        assert_eq!(old.open(&fresh, "c"), Err(SealError::UnknownKey(2)));
    }

    #[test]
    fn a_master_key_is_32_bytes_of_base64() {
        assert!(MasterKey::from_base64(&STANDARD.encode([9; 32])).is_ok());
        for bad in ["", "c2hvcnQ=", "not base64 at all!"] {
            assert_eq!(MasterKey::from_base64(bad).unwrap_err(), SealError::BadKey);
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let text = format!("{:?} {:?}", SecretBox::new(key(7)), key(7));
        assert_eq!(text, "SecretBox { key_ids: [1], .. } MasterKey(hidden)");
    }
}
