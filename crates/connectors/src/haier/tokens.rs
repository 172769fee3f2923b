//! The tokens of this process: one login for all who need the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::account::Digest;
use super::token::Token;
use crate::Outcome;

/// Clients whose tokens are kept; beyond it, those that are due go.
const KEPT: usize = 1_000;

/// Tokens by credential.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<Digest, Arc<Slot>>>);

/// The token of one credential.
#[derive(Debug, Default)]
struct Slot {
    /// Logins that ended, well or not.
    logins: AtomicU64,
    /// Held during a login.
    last: tokio::sync::Mutex<Option<Result<Token, Outcome>>>,
}

impl Tokens {
    /// The token of a credential, by `login` where there is none or it is due. Whoever waits for a login that
    /// fails shares its failure instead of trying again.
    pub async fn get(
        &self,
        digest: Digest,
        now: impl Fn() -> DateTime<Utc>,
        login: impl AsyncFnOnce() -> Result<Token, Outcome>,
    ) -> Result<Token, Outcome> {
        let slot = self.slot(digest, now());
        let before = slot.logins.load(Ordering::Acquire);
        let mut last = slot.last.lock().await;
        match &*last {
            Some(Ok(token)) if now() < token.renew_at() => return Ok(token.clone()),
            Some(Err(outcome)) if slot.logins.load(Ordering::Acquire) > before => {
                return Err(outcome.clone());
            }
            _ => {}
        }
        let result = login().await;
        *last = Some(result.clone());
        slot.logins.fetch_add(1, Ordering::Release);
        result
    }

    /// A token was refused. Nothing happens if another took its place meanwhile.
    pub async fn forget(&self, digest: Digest, refused: &Token) {
        let slot = {
            let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            slots.get(&digest).cloned()
        };
        let Some(slot) = slot else { return };
        let mut last = slot.last.lock().await;
        if matches!(&*last, Some(Ok(token)) if token == refused) {
            *last = None;
        }
    }

    fn slot(&self, digest: Digest, now: DateTime<Utc>) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT && !slots.contains_key(&digest) {
            slots.retain(|_, slot| slot.in_use(now));
        }
        Arc::clone(slots.entry(digest).or_default())
    }
}

impl Slot {
    /// Somebody logs in now, or the token is still good.
    fn in_use(&self, now: DateTime<Utc>) -> bool {
        match self.last.try_lock() {
            Ok(last) => matches!(&*last, Some(Ok(token)) if now < token.renew_at()),
            Err(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use chrono::TimeDelta;

    use super::*;

    fn token(text: &str) -> Result<Token, Outcome> {
        let body = format!(r#"{{"token":"{text}","expires_in":1200}}"#);
        Token::read(body.as_bytes(), DateTime::UNIX_EPOCH)
    }

    fn at(seconds: i64) -> impl Fn() -> DateTime<Utc> {
        move || DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[tokio::test]
    async fn a_token_is_kept_until_it_is_due_or_refused() {
        let tokens = Tokens::default();
        let get = async |seconds, text: &str| {
            let got = tokens.get([1; 32], at(seconds), async || token(text)).await;
            got.expect("a token").expose().to_owned()
        };
        assert_eq!(get(0, "a").await, "a");
        assert_eq!(get(599, "b").await, "a");
        assert_eq!(get(600, "b").await, "b");
        let a = token("a").expect("a token");
        tokens.forget([1; 32], &a).await;
        let b = get(0, "c").await;
        assert_eq!(b, "b", "another token was refused");
        tokens.forget([1; 32], &token("b").expect("a token")).await;
        assert_eq!(get(0, "c").await, "c");
        let other = tokens.get([2; 32], at(0), async || token("d")).await;
        assert_eq!(other.expect("a token").expose(), "d");
    }

    #[tokio::test]
    async fn many_share_one_login_and_its_failure() {
        for outcome in [token("a"), Err(Outcome::failed("no"))] {
            let tokens = Tokens::default();
            let logins = AtomicUsize::new(0);
            let get = || {
                tokens.get([1; 32], at(0), async || {
                    logins.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    outcome.clone()
                })
            };
            let got = futures::future::join_all((0..20).map(|_| get())).await;
            assert!(got.iter().all(|got| *got == outcome));
            assert_eq!(logins.load(Ordering::Relaxed), 1);
        }
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_for_those_who_come_later() {
        let tokens = Tokens::default();
        let failed = tokens
            .get([1; 32], at(0), async || Err(Outcome::failed("no")))
            .await;
        assert!(failed.is_err());
        let got = tokens.get([1; 32], at(0), async || token("a")).await;
        assert!(got.is_ok());
    }
}
