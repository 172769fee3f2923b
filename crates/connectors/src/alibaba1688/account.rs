//! The tenant's account with the platform, and the access tokens that this process holds for it.
//!
//! Source: the platform's OAuth pages. An access token lives ten hours and is had with the refresh
//! token, which lives about half a year and then has to be given anew by a person.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::answer;
use super::fields::Told;
use crate::json::Object;
use crate::{Credential, Outcome};

/// Tokens are renewed this long before their end, or a tenth of their life if that is shorter.
const AHEAD: TimeDelta = TimeDelta::minutes(10);
/// Accounts whose tokens are held at most; beyond it, those with an expired token are forgotten.
const ACCOUNTS: usize = 1_000;

/// What the tenant supplied.
#[derive(Clone, Copy)]
pub(super) struct Account<'a> {
    pub app_key: &'a str,
    pub app_secret: &'a str,
    refresh_token: &'a str,
    access_token: Option<&'a str>,
}

impl<'a> Account<'a> {
    /// From a credential.
    pub(super) fn of(credential: Option<&'a Credential>) -> Result<Self, Outcome> {
        let credential = credential.ok_or_else(|| {
            Outcome::hopeless("1688 is read with an account; store its credential")
        })?;
        let field = |name| {
            credential
                .get(name)
                .ok_or_else(|| Outcome::hopeless(format!("the credential has no {name}")))
        };
        let app_key = field("app_key")?;
        // It becomes a part of the path.
        if !app_key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return Err(Outcome::hopeless(
                "the app key holds more than letters and digits",
            ));
        }
        Ok(Self {
            app_key,
            app_secret: field("app_secret")?,
            refresh_token: field("refresh_token")?,
            access_token: credential.get("access_token"),
        })
    }

    /// Names the account without telling anything of it.
    fn digest(&self) -> [u8; 32] {
        let parts = [
            self.app_key,
            self.app_secret,
            self.refresh_token,
            self.access_token.unwrap_or_default(),
        ];
        let text: String = parts
            .iter()
            .map(|part| format!("{}:{part};", part.len()))
            .collect();
        secrets::sha256(text)
    }
}

/// A token and when it ends.
#[derive(Clone)]
struct Access {
    token: String,
    /// When to renew it; `None` when nobody told how long it lives.
    renew_at: Option<DateTime<Utc>>,
}

/// What this process holds of one account.
#[derive(Default)]
pub(super) struct Held {
    access: Option<Access>,
    /// A refresh token newer than the tenant's. It lives as long as this process: the tenant's own
    /// stays valid beside it until its half year ends.
    newer: Option<String>,
}

impl Held {
    /// A token that is good as far as we know. `stale` is one that was refused.
    pub(super) fn access(
        &mut self,
        account: &Account<'_>,
        stale: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if self.access.is_none() {
            self.access = account.access_token.map(|token| Access {
                token: token.to_owned(),
                renew_at: None,
            });
        }
        self.access
            .as_ref()
            .filter(|access| stale != Some(access.token.as_str()))
            .filter(|access| access.renew_at.is_none_or(|at| now < at))
            .map(|access| access.token.clone())
    }

    /// The refresh tokens to try, the newer first.
    pub(super) fn refresh_tokens(&self, account: &Account<'_>) -> Vec<String> {
        let own = account.refresh_token.to_owned();
        self.newer.iter().cloned().chain([own]).collect()
    }

    /// Keeps what a renewal brought.
    pub(super) fn keep(&mut self, grant: &Grant, account: &Account<'_>, now: DateTime<Utc>) {
        self.access = Some(Access {
            token: grant.access_token.clone(),
            renew_at: grant.lives.map(|lives| now + lives - AHEAD.min(lives / 10)),
        });
        if let Some(newer) = &grant.refresh_token {
            self.newer = (newer != account.refresh_token).then(|| newer.clone());
        }
    }

    /// A newer refresh token that the platform refuses is none.
    pub(super) fn forget_newer(&mut self) {
        self.newer = None;
    }

    fn expired(&self, now: DateTime<Utc>) -> bool {
        self.access
            .as_ref()
            .is_none_or(|access| access.renew_at.is_some_and(|at| at <= now))
    }
}

/// The tokens of all accounts. Whoever renews one holds its lock, so that all others wait for the
/// new token instead of asking for another.
#[derive(Default)]
pub(super) struct Tokens {
    accounts: Mutex<HashMap<[u8; 32], Arc<tokio::sync::Mutex<Held>>>>,
}

impl Tokens {
    pub(super) fn of(
        &self,
        account: &Account<'_>,
        now: DateTime<Utc>,
    ) -> Arc<tokio::sync::Mutex<Held>> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= ACCOUNTS {
            accounts.retain(|_, held| held.try_lock().map_or(true, |held| !held.expired(now)));
        }
        Arc::clone(accounts.entry(account.digest()).or_default())
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(hidden)")
    }
}

/// What a renewal brings.
pub(super) struct Grant {
    access_token: String,
    lives: Option<TimeDelta>,
    refresh_token: Option<String>,
    /// The account's name, for people.
    pub owner: Option<String>,
    /// When the refresh token ends, as RFC 3339.
    pub refresh_until: Option<String>,
}

impl Grant {
    /// Reads the answer of `getToken`.
    pub(super) fn read(body: &[u8]) -> Result<Self, Outcome> {
        let Ok(body) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return Err(Outcome::malformed("the answer for a token is not JSON"));
        };
        let fields = Object(&body);
        if let Some(access_token) = fields.text("access_token") {
            // As text, in seconds: "36000".
            let lives = fields.count("expires_in").filter(|seconds| *seconds > 0);
            return Ok(Self {
                access_token,
                lives: lives.and_then(TimeDelta::try_seconds),
                refresh_token: fields.text("refresh_token"),
                owner: fields
                    .text("resource_owner")
                    .or_else(|| fields.text("memberId")),
                refresh_until: fields
                    .text("refresh_token_timeout")
                    .and_then(|at| super::text::time(&at)),
            });
        }
        // In OAuth's words or in the gateway's. Descriptions may repeat what was sent.
        let code = ["error", "error_code", "code"]
            .iter()
            .find_map(|name| fields.text(name));
        match (code, answer::refusal_of_fields(fields)) {
            (_, Some(answer::Refusal::Frequency)) => Err(answer::Refusal::Frequency.outcome()),
            (Some(code), _) => Err(Outcome::Blocked {
                retry_after: None,
                reason: format!(
                    "1688 gives no access token ({}); check the app's key and secret, or authorise the app anew",
                    answer::plain(&code)
                ),
            }),
            (None, _) => Err(Outcome::malformed("the answer for a token holds none")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(access: &str) -> Credential {
        let fields = [
            ("app_key", "key"),
            ("app_secret", "secret"),
            ("refresh_token", "refresh"),
            ("access_token", access),
        ];
        Credential::new(fields.map(|(name, text)| (name.to_owned(), text.to_owned())))
    }

    fn grant(body: &str) -> Grant {
        Grant::read(body.as_bytes()).unwrap_or_else(|outcome| panic!("{outcome:?}"))
    }

    #[test]
    fn a_token_is_used_until_shortly_before_its_end() {
        let (credential, now) = (credential(""), Utc::now());
        let account = Account::of(Some(&credential)).expect("complete");
        let mut held = Held::default();
        assert_eq!(held.access(&account, None, now), None);
        let grant =
            grant(r#"{"access_token": "one", "expires_in": "36000", "refresh_token": "r2"}"#);
        held.keep(&grant, &account, now);
        let at = |minutes| now + TimeDelta::minutes(minutes);
        assert_eq!(held.access(&account, None, at(589)).as_deref(), Some("one"));
        assert_eq!(held.access(&account, None, at(590)), None);
        assert_eq!(
            held.access(&account, Some("one"), at(1)),
            None,
            "it was refused"
        );
        assert_eq!(
            held.access(&account, Some("zero"), at(1)).as_deref(),
            Some("one")
        );
        assert_eq!(held.refresh_tokens(&account), ["r2", "refresh"]);
        held.forget_newer();
        assert_eq!(held.refresh_tokens(&account), ["refresh"]);
    }

    #[test]
    fn the_tenants_own_access_token_is_tried_first() {
        let (credential, now) = (credential("mine"), Utc::now());
        let account = Account::of(Some(&credential)).expect("complete");
        let mut held = Held::default();
        assert_eq!(held.access(&account, None, now).as_deref(), Some("mine"));
        assert_eq!(held.access(&account, Some("mine"), now), None);
    }

    #[test]
    fn refusals_name_their_code_and_no_secret() {
        let refused = |body: &str| {
            Grant::read(body.as_bytes())
                .err()
                .map(|outcome| (outcome.as_str(), outcome.reason()))
        };
        let (word, reason) =
            refused(r#"{"error": "invalid_grant", "error_description": "bad refresh"}"#)
                .expect("a refusal");
        assert_eq!(word, "blocked");
        assert!(reason.contains("invalid_grant") && !reason.contains("bad refresh"));
        let (word, _) = refused(r#"{"error_code": "gw.QosAppFrequencyLimit"}"#).expect("a refusal");
        assert_eq!(word, "rate_limited");
        for broken in ["", "<html>", "{}", "[]", r#"{"access_token": ""}"#] {
            assert_eq!(
                refused(broken).map(|(word, _)| word),
                Some("malformed"),
                "{broken}"
            );
        }
    }

    #[test]
    fn an_incomplete_credential_says_what_is_missing() {
        let incomplete = Credential::new([("app_key".to_owned(), "1".to_owned())]);
        let reason = Account::of(Some(&incomplete))
            .err()
            .map(|outcome| outcome.reason());
        assert_eq!(reason.as_deref(), Some("the credential has no app_secret"));
        assert!(Account::of(None).is_err());
    }
}
