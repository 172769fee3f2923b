//! Password hashes: argon2id, off the async threads, a bounded number at once.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a request waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are being hashed; try again in a moment.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The hash in the database is not one of ours, or the machine is out of memory.
    #[error("password hash: {0}")]
    Hash(String),
}

/// Hashes and verifies; cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    patience: Duration,
    /// Verified in place of the hash of someone who does not exist, so that both take as long.
    decoy: Arc<str>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// Hashes at the given cost, at most `at_once` at a time: each takes `memory_kib` and a core.
    ///
    /// # Errors
    /// When argon2 does not accept the cost.
    pub async fn new(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
        at_once: usize,
    ) -> Result<Self, PasswordError> {
        let params = Params::new(memory_kib, iterations, parallelism, None)
            .map_err(|error| PasswordError::Hash(error.to_string()))?;
        let mut passwords = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            turns: Arc::new(Semaphore::new(at_once)),
            patience: PATIENCE,
            decoy: "".into(),
        };
        passwords.decoy = passwords.hash(secrets::random_token(32)).await?.into();
        Ok(passwords)
    }

    /// The hash of a new password, in PHC form.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        self.blocking(move || {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
        })
        .await?
        .map_err(|error| PasswordError::Hash(error.to_string()))
    }

    /// Whether `password` has `hash`. `None` takes as long as any other and is always false.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let argon2 = self.argon2.clone();
        let matches = self
            .blocking(move || {
                let hash = PasswordHash::new(&hash)?;
                match argon2.verify_password(password.as_bytes(), &hash) {
                    Ok(()) => Ok(true),
                    Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await?
            .map_err(|error: argon2::password_hash::Error| {
                PasswordError::Hash(error.to_string())
            })?;
        Ok(exists && matches)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = self.turn().await?;
        // What sign-in costs; tests read from it that a stranger's attempt costs as much as a member's.
        metrics::counter!("identity_password_hashes_total").increment(1);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: a caller who hangs up does not make room for another hash.
            let _turn = turn;
            work()
        });
        done.await
            .map_err(|error| PasswordError::Hash(error.to_string()))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            // Late; the semaphore is never closed.
            _ => Err(PasswordError::Busy),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_has_its_hash_and_no_other() {
        let passwords = Passwords::new(64, 1, 1, 2).await.unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        let verify =
            |text: &str, hash: Option<&String>| passwords.verify(text.to_owned(), hash.cloned());
        assert!(verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify("wrong horse", Some(&hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
        assert!(verify("x", Some(&"nonsense".to_owned())).await.is_err());
    }

    #[tokio::test]
    async fn whoever_waits_too_long_for_a_turn_is_told() {
        let mut passwords = Passwords::new(64, 1, 1, 1).await.unwrap();
        passwords.patience = Duration::from_millis(1);
        let _turn = passwords.turn().await.unwrap();
        assert!(matches!(
            passwords.hash("x".to_owned()).await,
            Err(PasswordError::Busy)
        ));
    }
}
