//! Asking: a login where one is due, the call, and one more login when the token is refused.

use std::time::Duration;

use chrono::Utc;
use egress::{Request, Response};
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::account::Account;
use super::calls::{self, Ask};
use super::token::Token;
use super::tokens::Tokens;
use super::{SOURCE, Settings, answer};
use crate::{Call, Executor, Outcome, Urgency};

/// The vendor's figure.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Where tokens come from: the documented place, and the one that the gateway's clients fall back to.
const LOGINS: [&str; 2] = ["/oauth2/auth", "/oauth2/token"];

#[derive(Debug)]
pub(super) struct Client {
    executor: Executor,
    base: String,
    token_prefix: String,
    tokens: Tokens,
}

impl Client {
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            executor,
            base: settings.base_url.trim_end_matches('/').to_owned(),
            token_prefix: settings.token_prefix.trim().to_owned(),
            tokens: Tokens::default(),
        }
    }

    /// Requests that may be under way at once.
    pub fn at_once(&self) -> usize {
        self.executor.at_once(SOURCE)
    }

    /// What a call's data says, by `reader`.
    pub async fn read<T>(
        &self,
        account: &Account,
        ask: &Ask<'_>,
        urgency: Urgency,
        reader: impl FnOnce(&RawValue) -> Result<T, Outcome>,
    ) -> Result<T, Outcome> {
        let answer = self.ask(account, ask, urgency).await;
        answer
            .and_then(|response| reader(answer::data(&response.body)?))
            .map_err(|outcome| censored(outcome, account))
    }

    async fn ask(
        &self,
        account: &Account,
        ask: &Ask<'_>,
        urgency: Urgency,
    ) -> Result<Response, Outcome> {
        let body = ask.body(account);
        let call = Call::read(SOURCE, urgency)
            .scope(account.scope())
            .judge(answer::judge);
        for _ in 0..2 {
            let token = self.token(account, urgency).await?;
            let authorization = match self.token_prefix.as_str() {
                "" => token.expose().to_owned(),
                prefix => format!("{prefix} {}", token.expose()),
            };
            let request = |_| {
                let request = self.post(ask.path(), &body)?;
                Ok(request.secret_header("authorization", &authorization))
            };
            let response = self.executor.send(&call, request).await?;
            if !answer::token_refused(&response) {
                return Ok(response);
            }
            self.tokens.forget(account.digest(), &token).await;
        }
        Err(Outcome::Blocked {
            retry_after: None,
            reason: "the platform refuses a fresh token".to_owned(),
        })
    }

    async fn token(&self, account: &Account, urgency: Urgency) -> Result<Token, Outcome> {
        let login = async || self.login(account, urgency).await;
        self.tokens.get(account.digest(), Utc::now, login).await
    }

    async fn login(&self, account: &Account, urgency: Urgency) -> Result<Token, Outcome> {
        let mut missing = None;
        for path in LOGINS {
            match self.login_at(path, account, urgency).await? {
                Login::Token(token) => return Ok(token),
                // What the documented place says is worth more.
                Login::Nothing(outcome) => missing = missing.or(Some(outcome)),
            }
        }
        Err(missing.unwrap_or_else(|| Outcome::malformed("the platform gives no token")))
    }

    async fn login_at(
        &self,
        path: &str,
        account: &Account,
        urgency: Urgency,
    ) -> Result<Login, Outcome> {
        let call = Call::read(SOURCE, urgency)
            .scope(account.scope())
            .judge(answer::judge_login);
        let body = calls::login(account);
        let response = self
            .executor
            .send(&call, |_| self.post(path, &body))
            .await?;
        match response.status {
            404 | 405 => {
                let status = response.status;
                let reason = format!("the platform has no login here (HTTP {status})");
                return Ok(Login::Nothing(Outcome::hopeless(reason)));
            }
            400 | 401 => {
                let said = answer::said(&response.body).unwrap_or_default();
                let status = response.status;
                return Err(Outcome::Blocked {
                    retry_after: None,
                    reason: format!(
                        "the platform refuses the client id or secret (HTTP {status}) {said}"
                    )
                    .trim_end()
                    .to_owned(),
                });
            }
            _ => {}
        }
        let missing = match Token::read(&response.body, Utc::now()) {
            Ok(token) => return Ok(Login::Token(token)),
            Err(missing) => missing,
        };
        // A failure told with status 200 is final; anything else without a token sends us to the other place.
        match answer::data(&response.body) {
            Ok(_) | Err(Outcome::Malformed { .. }) => Ok(Login::Nothing(missing)),
            Err(refusal) => Err(refusal),
        }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Request, Outcome> {
        let wrong = |_| Outcome::hopeless("sources.haier.base_url is wrong");
        let url = Url::parse(&format!("{}{path}", self.base)).map_err(wrong)?;
        let request = Request::post_json(url, body)
            .map_err(|error| Outcome::hopeless(format!("no request can be made: {error}")))?;
        Ok(request
            .header("accept", "application/json")
            .timeout(TIMEOUT))
    }
}

/// What a place for logins answered.
enum Login {
    Token(Token),
    /// No token, but no refusal either.
    Nothing(Outcome),
}

/// Should the platform repeat a secret in its message, nobody else reads it.
fn censored(outcome: Outcome, account: &Account) -> Outcome {
    match outcome {
        Outcome::Blocked {
            retry_after,
            reason,
        } => Outcome::Blocked {
            retry_after,
            reason: account.censor(&reason),
        },
        Outcome::Failed { reason, retryable } => Outcome::Failed {
            reason: account.censor(&reason),
            retryable,
        },
        Outcome::Malformed { what } => Outcome::Malformed {
            what: account.censor(&what),
        },
        other => other,
    }
}
