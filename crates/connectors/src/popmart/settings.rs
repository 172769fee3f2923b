//! `[sources.popmart]`

use config::{ConfigError, HTTP_URL, Problem, Rule, Rules, Secret, Sources};
use serde::Deserialize;

use super::address::Form;
use super::regions::Region;
use crate::Outcome;

/// PopMart's shop API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What searches and monitors ask.
    pub generation: Generation,
    /// What reads products that have a number.
    pub numbers: Numbers,
    /// What reads products that have a uuid.
    pub uuids: Uuids,
    /// One host of the signed generation for all countries; empty: each country's own.
    pub base_url: String,
    /// One host of the RPC for all countries; empty: each country's own.
    pub rpc_url: String,
    /// The host of the unsigned files.
    pub cdn_url: String,
    /// Hosts of the signed generation for single countries: `TH=https://host`.
    pub base_url_by_country: Vec<String>,
    /// Hosts of the RPC for single countries, likewise.
    pub rpc_url_by_country: Vec<String>,
    /// Sent with every signed request.
    pub client_key: Secret,
    /// Signs requests.
    pub sign_salt: Secret,
    /// Collections in whose files products are looked for.
    pub cdn_collections: Vec<String>,
    /// The RPC's collection of everything; empty: categories cannot be listed.
    pub rpc_catalogue: String,
    /// One is drawn per task.
    pub user_agents: Vec<String>,
}

/// One of the shop's APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// Signed calls.
    Rest,
    /// Unsigned files.
    Cdn,
    /// Remote procedure calls.
    Rpc,
}

/// What reads products that have a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// Signed calls.
    Rest,
    /// Unsigned files.
    Cdn,
    /// Nothing.
    None,
}

/// What reads products that have a uuid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uuids {
    /// Remote procedure calls.
    Rpc,
    /// Nothing.
    None,
}

const RULES: Rules = &[
    ("generation", Rule::OneOf(&["rpc", "rest", "cdn"])),
    ("numbers", Rule::OneOf(&["rest", "cdn", "none"])),
    ("uuids", Rule::OneOf(&["rpc", "none"])),
    ("base_url", HTTP_URL),
    ("rpc_url", HTTP_URL),
    ("cdn_url", HTTP_URL),
    ("user_agents", Rule::Filled),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let settings: Self = crate::settings::own(sources, super::SOURCE, RULES)?;
        for (key, hosts) in [
            ("base_url_by_country", &settings.base_url_by_country),
            ("rpc_url_by_country", &settings.rpc_url_by_country),
        ] {
            if let Some(message) = hosts.iter().find_map(|text| complaint(text)) {
                return Err(Problem::new(format!("sources.popmart.{key}"), message).into());
            }
        }
        if let Some(wrong) = settings
            .cdn_collections
            .iter()
            .find(|id| Form::of(id) != Some(Form::Number))
        {
            let message = format!("holds \"{wrong}\", which is no collection's number");
            return Err(Problem::new("sources.popmart.cdn_collections", message).into());
        }
        Ok(settings)
    }

    /// The signed generation's host of a country.
    pub(crate) fn rest_host<'a>(&'a self, region: &Region) -> Result<&'a str, Outcome> {
        let own = own_host(&self.base_url_by_country, region);
        host(own, &self.base_url, region.rest)
            .ok_or_else(|| unknown_host("signed API", "base_url_by_country", region))
    }

    /// The RPC's host of a country.
    pub(crate) fn rpc_host<'a>(&'a self, region: &Region) -> Result<&'a str, Outcome> {
        let own = own_host(&self.rpc_url_by_country, region);
        host(own, &self.rpc_url, region.rpc)
            .ok_or_else(|| unknown_host("RPC", "rpc_url_by_country", region))
    }
}

/// What is wrong with a `TH=https://host`.
fn complaint(text: &str) -> Option<String> {
    let Some((country, host)) = text.split_once('=') else {
        return Some(format!("holds \"{text}\"; expected COUNTRY=https://host"));
    };
    if Region::of(country.trim()).is_none() {
        return Some(format!("names {country}, where the shop does not sell"));
    }
    let good = url::Url::parse(host.trim())
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!good).then(|| format!("names no http(s) host for {country}"))
}

fn own_host<'a>(hosts: &'a [String], region: &Region) -> Option<&'a str> {
    hosts
        .iter()
        .filter_map(|text| text.split_once('='))
        .find(|(country, _)| country.trim() == region.country)
        .map(|(_, host)| host.trim())
}

fn host<'a>(
    own: Option<&'a str>,
    everywhere: &'a str,
    known: Option<&'static str>,
) -> Option<&'a str> {
    match (own, everywhere) {
        (Some(own), _) => Some(own),
        (None, "") => known,
        (None, everywhere) => Some(everywhere),
    }
    .map(|host| host.trim_end_matches('/'))
}

fn unknown_host(api: &str, key: &str, region: &Region) -> Outcome {
    Outcome::hopeless(format!(
        "nobody has told where the shop's {api} serves {}; name its host in sources.popmart.{key}",
        region.country
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: impl FnOnce(&mut Sources)) -> Result<Settings, ConfigError> {
        let mut sources = config::Config::defaults().sources;
        set(&mut sources);
        Settings::read(&sources)
    }

    fn region(country: &str) -> &'static Region {
        Region::of(country).expect("a region")
    }

    #[test]
    fn a_countrys_own_host_wins_over_the_one_for_all_and_that_over_the_known_ones() {
        let known = Settings::read(&config::Config::defaults().sources).expect("good defaults");
        assert_eq!(
            known.rest_host(region("US")),
            Ok("https://prod-na-api.popmart.com")
        );
        let mut settings =
            with(|sources| sources.set("popmart", "base_url", "http://all.example/"))
                .expect("good");
        settings.base_url_by_country = vec!["TH = http://thai.example/x/".to_owned()];
        assert_eq!(settings.rest_host(region("US")), Ok("http://all.example"));
        assert_eq!(
            settings.rest_host(region("TH")),
            Ok("http://thai.example/x")
        );

        let unknown = known.rpc_host(region("TW")).expect_err("nobody knows");
        assert!(
            unknown.reason().contains("rpc_url_by_country"),
            "{unknown:?}"
        );
        assert!(!unknown.retryable());
    }

    #[test]
    fn wrong_values_are_refused() {
        for (key, value) in [
            ("generation", "soap"),
            ("numbers", "rpc"),
            ("uuids", "rest"),
            ("rpc_url", "ftp://a.example"),
        ] {
            let set = |sources: &mut Sources| sources.set("popmart", key, value);
            assert!(with(set).is_err(), "{key} = {value}");
        }
        for (key, value) in [
            ("base_url_by_country", "TH"),
            ("base_url_by_country", "CN=https://a.example"),
            ("rpc_url_by_country", "TH=ftp://a.example"),
            ("cdn_collections", "x"),
        ] {
            let set = |sources: &mut Sources| sources.set("popmart", key, vec![value]);
            assert!(with(set).is_err(), "{key} = [{value}]");
        }
    }
}
