//! Asking the gateway on an account's behalf.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::{Request, Response, Urgency};
use serde_json::json;
use url::Url;

use super::SOURCE;
use super::account::{Account, Grant, Tokens};
use super::answer::{self, Refusal};
use super::settings::{Detail, Settings};
use super::sign;
use crate::{Call, Executor, Outcome, Setup, by_status};

/// How long background work waits for the gateway's pauses, and how long somebody who looks on does.
const PATIENCE: Duration = Duration::from_secs(30);
const SHORT_PATIENCE: Duration = Duration::from_secs(5);

/// A call that brought nothing.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// With this request; another may do better.
    Once(Outcome),
    /// With the account or the app: nothing else would be answered either.
    Always(Outcome),
}

impl Trouble {
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Once(outcome) | Self::Always(outcome) => outcome,
        }
    }
}

/// Asks the gateway.
#[derive(Debug)]
pub(super) struct Client {
    base: String,
    settings: Settings,
    executor: Executor,
    tokens: Tokens,
}

impl Client {
    pub(super) fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            base: settings.base_url.trim_end_matches('/').to_owned(),
            settings: settings.clone(),
            executor,
            tokens: Tokens::default(),
        }
    }

    /// Requests that may be under way at once.
    pub(super) fn at_once(&self) -> usize {
        self.executor.at_once(SOURCE)
    }

    /// The body of the answer about an offer.
    pub(super) async fn detail(
        &self,
        offer: &str,
        account: &Account<'_>,
        urgency: Urgency,
    ) -> Result<Response, Trouble> {
        let number: i64 = offer
            .parse()
            .map_err(|_| Trouble::Once(Outcome::hopeless("an offer is named by a number")))?;
        let (api, name, value) = match self.settings.detail {
            Detail::QueryProductDetail => {
                let parameter = json!({"offerId": number, "country": self.settings.language});
                (
                    &self.settings.detail_api,
                    "offerDetailParam",
                    parameter.to_string(),
                )
            }
            Detail::CrossProductInfo => {
                (&self.settings.relation_api, "productId", offer.to_owned())
            }
        };
        self.call(api, name, &value, account, urgency).await
    }

    /// The body of a page of a search.
    pub(super) async fn page(
        &self,
        api: &str,
        parameter: &str,
        account: &Account<'_>,
        urgency: Urgency,
    ) -> Result<Response, Trouble> {
        self.call(api, "offerQueryParam", parameter, account, urgency)
            .await
    }

    /// One signed call. A token that is refused is renewed once.
    async fn call(
        &self,
        api: &str,
        name: &'static str,
        value: &str,
        account: &Account<'_>,
        urgency: Urgency,
    ) -> Result<Response, Trouble> {
        let call = asking(account, urgency).judge(answer::judge);
        let mut token = self
            .token(account, None, urgency)
            .await
            .map_err(Trouble::Always)?;
        for renewed in [false, true] {
            let response = self
                .executor
                .send(&call, |now| {
                    self.signed(api, name, value, account, &token, now)
                })
                .await
                .map_err(|outcome| match outcome {
                    // The app's secret or the call's name is wrong, the app key is shut out, or a
                    // pause is on: all of it holds for the next call, too.
                    Outcome::Failed {
                        retryable: false, ..
                    }
                    | Outcome::Blocked { .. }
                    | Outcome::RateLimited { .. } => Trouble::Always(outcome),
                    other => Trouble::Once(other),
                })?;
            match answer::refusal_of(&response.body) {
                Some(Refusal::Token) if !renewed => {
                    token = self
                        .token(account, Some(&token), urgency)
                        .await
                        .map_err(Trouble::Always)?;
                }
                Some(refusal @ (Refusal::Token | Refusal::Permission)) => {
                    return Err(Trouble::Always(refusal.outcome()));
                }
                _ => return Ok(response),
            }
        }
        Err(Trouble::Always(Refusal::Token.outcome()))
    }

    fn signed(
        &self,
        api: &str,
        name: &str,
        value: &str,
        account: &Account<'_>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Request, Outcome> {
        let path = format!("param2/1/{api}/{}", account.app_key);
        let mut fields = BTreeMap::from([
            (name, value.to_owned()),
            ("_aop_timestamp", now.timestamp_millis().to_string()),
            ("access_token", token.to_owned()),
        ]);
        let signature = sign::signature(&path, &fields, account.app_secret);
        fields.insert("_aop_signature", signature);
        let form = fields.iter().map(|(name, value)| (*name, value.as_str()));
        Ok(Request::post_form(self.url(&path)?, form).header("accept", "application/json"))
    }

    fn url(&self, path: &str) -> Result<Url, Outcome> {
        Url::parse(&format!("{}/openapi/{path}", self.base))
            .map_err(|_| Setup::Wrong("sources.alibaba1688.base_url"))
            .map_err(|error| Outcome::hopeless(error.to_string()))
    }

    /// A token that is good as far as we know.
    async fn token(
        &self,
        account: &Account<'_>,
        stale: Option<&str>,
        urgency: Urgency,
    ) -> Result<String, Outcome> {
        let held = self.tokens.of(account, Utc::now());
        let mut held = held.lock().await;
        if let Some(token) = held.access(account, stale, Utc::now()) {
            return Ok(token);
        }
        self.renew(account, &mut held, urgency).await?;
        held.access(account, None, Utc::now())
            .ok_or_else(|| Outcome::malformed("the platform gives an access token that has ended"))
    }

    /// Renews the account's token, whatever is held. Tells what the platform says of the account.
    pub(super) async fn authorise(&self, account: &Account<'_>) -> Result<Grant, Outcome> {
        let held = self.tokens.of(account, Utc::now());
        let mut held = held.lock().await;
        self.renew(account, &mut held, Urgency::High).await
    }

    async fn renew(
        &self,
        account: &Account<'_>,
        held: &mut super::account::Held,
        urgency: Urgency,
    ) -> Result<Grant, Outcome> {
        let url = self.url(&format!(
            "http/1/system.oauth2/getToken/{}",
            account.app_key
        ))?;
        let call = asking(account, urgency).judge(judge_token);
        let mut result = Err(Outcome::hopeless("the credential has no refresh_token"));
        for refresh_token in held.refresh_tokens(account) {
            let answer = self
                .executor
                .send(&call, |_| {
                    let form = [
                        ("grant_type", "refresh_token"),
                        ("client_id", account.app_key),
                        ("client_secret", account.app_secret),
                        ("refresh_token", refresh_token.as_str()),
                    ];
                    Ok(Request::post_form(url.clone(), form).header("accept", "application/json"))
                })
                .await?;
            result = Grant::read(&answer.body);
            match &result {
                Ok(grant) => {
                    held.keep(grant, account, Utc::now());
                    return result;
                }
                // The tenant's own may still be good.
                Err(Outcome::Blocked { .. }) => held.forget_newer(),
                Err(_) => break,
            }
        }
        result
    }
}

fn asking(account: &Account<'_>, urgency: Urgency) -> Call {
    let mut call = Call::read(SOURCE, urgency).scope(account.app_key);
    call.patience = match urgency {
        Urgency::High => SHORT_PATIENCE,
        _ => PATIENCE,
    };
    call
}

/// Refusals of a token come with any status; their body says why.
fn judge_token(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    match response.status {
        400..500
            if response.status != 429
                && Grant::read(&response.body)
                    .is_err_and(|outcome| !matches!(outcome, Outcome::Malformed { .. })) =>
        {
            None
        }
        _ => by_status(response, now),
    }
}
