//! What counts against whoever presents a secret: that it was wrong, and nothing else.

use super::{AccountError, Accounts};
use crate::lockout::Attempt;
use crate::rules::lockout::Counter;

impl Accounts {
    /// Whether `password` has `hash`, counted in `counters`; without a hash it takes as long and is wrong. Where too
    /// many are hashed at once nothing was found out, so nothing counts.
    pub(super) async fn verify(
        &self,
        counters: Vec<Counter>,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, AccountError> {
        let attempt = self.lockout.admit(counters).await?;
        let verified = self.passwords.verify(password, hash).await;
        if !matches!(verified, Ok(false)) {
            attempt.forgive().await;
        }
        Ok(verified?)
    }
}

/// What came of an attempt. It goes on counting only when what was presented is wrong: whoever holds the right token and
/// meets a busy machine has guessed nothing.
pub(super) async fn settled<T>(
    attempt: Attempt,
    came: Result<T, AccountError>,
) -> Result<T, AccountError> {
    let wrong = matches!(
        came,
        Err(AccountError::WrongToken(_)
            | AccountError::WrongCredentials
            | AccountError::WrongCurrentPassword)
    );
    if !wrong {
        attempt.forgive().await;
    }
    came
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockout::Lockout;
    use crate::passwords::PasswordError;
    use crate::rules::lockout;

    #[tokio::test]
    async fn a_busy_machine_counts_against_nobody_and_a_wrong_token_does() {
        let redis = config::Redis {
            url: "".into(),
            ..config::Config::defaults().redis
        };
        let counting = Lockout::new(&redis).expect("counts in this process");
        let present = async |came: AccountError| {
            let attempt = counting.admit(lockout::token("192.0.2.1/32")).await?;
            settled::<()>(attempt, Err(came)).await
        };
        for _ in 0..50 {
            let busy = present(AccountError::Password(PasswordError::Busy)).await;
            assert!(matches!(busy, Err(AccountError::Password(_))), "{busy:?}");
        }
        for _ in 0..20 {
            let wrong = present(AccountError::WrongToken("token")).await;
            assert!(
                matches!(wrong, Err(AccountError::WrongToken(_))),
                "{wrong:?}"
            );
        }
        let late = present(AccountError::WrongToken("token")).await;
        assert!(matches!(late, Err(AccountError::LockedOut(_))), "{late:?}");
    }
}
