//! Requests to the shop and its refusals.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use egress::{Request, Response};
use url::Url;

use super::sign;
use crate::{Outcome, Setup};

#[derive(Debug)]
pub(crate) struct Client {
    base: String,
    client_key: config::Secret,
    salt: config::Secret,
    user_agents: Vec<String>,
}

impl Client {
    pub(crate) fn new(settings: &super::Settings) -> Self {
        Self {
            base: settings.base_url.trim_end_matches('/').to_owned(),
            client_key: settings.client_key.clone(),
            salt: settings.sign_salt.clone(),
            user_agents: settings.user_agents.clone(),
        }
    }

    /// Asks for one product. Signed when the operator supplied what signs.
    pub(crate) fn details(
        &self,
        listing: &ListingRef,
        now: DateTime<Utc>,
        seed: u64,
    ) -> Result<Request, Setup> {
        let mut url = Url::parse(&format!("{}/shop/v1/shop/productDetails", self.base))
            .map_err(|_| Setup::Wrong("sources.popmart.base_url"))?;
        let t = now.timestamp();
        let parameters = BTreeMap::from([("spuId", listing.external_id.clone())]);
        url.query_pairs_mut()
            .append_pair("spuId", &listing.external_id);
        if self.salt.is_set() {
            let s = sign::parameters(&parameters, self.salt.expose(), t);
            url.query_pairs_mut()
                .append_pair("s", &s)
                .append_pair("t", &t.to_string());
        }
        let (namespace, project) = region(&listing.marketplace);
        let mut request = Request::get(url)
            .header("accept", "application/json")
            .header("country", &listing.marketplace)
            .header("language", "en")
            .header("x-client-country", &listing.marketplace)
            .header("x-client-namespace", namespace)
            .header("x-project-id", project)
            .header("x-device-os-type", "web")
            .header("origin", "https://www.popmart.com")
            .header("referer", "https://www.popmart.com/");
        if self.client_key.is_set() {
            request = request
                .header("clientkey", self.client_key.expose())
                .header("x-sign", &sign::client(self.client_key.expose(), t));
        }
        if !self.user_agents.is_empty() {
            // The remainder is smaller than the length, which is a usize.
            let place = (seed % self.user_agents.len() as u64) as usize;
            request = request.header("user-agent", &self.user_agents[place]);
        }
        Ok(request)
    }
}

/// Which part of the shop a country belongs to: (namespace, project).
fn region(country: &str) -> (&'static str, &'static str) {
    match country {
        "US" | "CA" => ("america", "naus"),
        "GB" => ("eurasianuk", "uk"),
        "HK" => ("hk", "hk"),
        "TH" => ("thailand", "thailand"),
        _ => ("eurasian", "eude"),
    }
}

/// What a status that is no success means; `None` when the body is worth reading.
pub(crate) fn refusal(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    let retry_after = response.retry_after(now);
    Some(match response.status {
        200..300 => return None,
        404 => Outcome::NotFound,
        429 => Outcome::RateLimited { retry_after },
        // 471 is the shop's own firewall.
        status @ (401 | 403 | 471) => Outcome::Blocked {
            retry_after,
            reason: format!("the shop refuses us (HTTP {status})"),
        },
        status @ 300..400 => Outcome::hopeless(format!("the shop moved (HTTP {status})")),
        status @ 400..500 => match super::mapping::envelope_error(&response.body) {
            Some(error) => error,
            None => Outcome::hopeless(format!("the shop refuses the request (HTTP {status})")),
        },
        status => Outcome::failed(format!("the shop is in trouble (HTTP {status})")),
    })
}
