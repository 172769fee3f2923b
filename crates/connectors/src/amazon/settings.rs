//! `[sources.amazon]`

use std::time::Duration;

use config::{ConfigError, HTTP_URL, Problem, Rule, Rules, Secret, Sources};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::actor::{Actor, Family};
use super::shop::Shop;

/// Amazon through Apify. Each key is explained in `settings.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The Apify API.
    pub base_url: String,
    /// The account that pays for runs; without it amazon targets fail with a clear outcome.
    pub token: Secret,
    /// The actor that reads product pages.
    pub actor: String,
    /// Other actors for some marketplaces: `GB=user~name`.
    pub actor_by_marketplace: Vec<String>,
    /// The actor that searches by keyword.
    pub search_actor: String,
    /// The actor that reads category pages.
    pub category_actor: String,
    /// The actor that reads bestseller lists.
    pub bestseller_actor: String,
    /// Whether prices of variants are read.
    pub variant_prices: bool,
    /// How long one poll of a running actor waits, in seconds.
    pub poll_wait_seconds: u64,
    /// After this a run is ended, in seconds.
    pub run_limit_seconds: u64,
    /// How long a run of an unknown start is looked for, in seconds.
    pub start_grace_seconds: u64,
    /// How long after a run its cost is settled, in seconds.
    pub cost_settle_seconds: u64,
    /// Most results that a run may be charged for; 0 is no cap.
    pub max_items: u32,
    /// Most that a run may be charged, in US dollars; empty is no cap.
    pub max_total_charge_usd: String,
}

const RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("actor", Rule::Filled),
    ("search_actor", Rule::Filled),
    ("category_actor", Rule::Filled),
    ("bestseller_actor", Rule::Filled),
    ("poll_wait_seconds", Rule::Within(0, 60)),
    // The broker wants its message acknowledged within 30 minutes.
    ("run_limit_seconds", Rule::Within(1, 1_320)),
    ("start_grace_seconds", Rule::Within(0, 300)),
    ("cost_settle_seconds", Rule::Within(0, 60)),
    ("max_items", Rule::Within(0, 100_000)),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let settings: Self = crate::settings::own(sources, super::SOURCE, RULES)?;
        Plan::of(&settings)?;
        Ok(settings)
    }
}

/// The settings as the connector uses them.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    product: Actor,
    by_marketplace: Vec<(&'static str, Actor)>,
    pub(crate) search: Actor,
    pub(crate) category: Actor,
    pub(crate) bestsellers: Actor,
    pub(crate) variant_prices: bool,
    pub(crate) poll_wait: Duration,
    pub(crate) run_limit: Duration,
    pub(crate) start_grace: Duration,
    pub(crate) cost_settle: Duration,
    pub(crate) max_items: Option<u32>,
    pub(crate) max_charge: Option<Decimal>,
}

impl Plan {
    /// # Errors
    /// A line for the first wrong value.
    pub(crate) fn of(settings: &Settings) -> Result<Self, ConfigError> {
        let problem =
            |key: &str, what: String| Problem::new(format!("sources.amazon.{key}"), what).into();
        let actor = |key: &str, text: &str, allowed: &[Family]| -> Result<Actor, ConfigError> {
            let actor = Actor::parse(text).map_err(|what| problem(key, what))?;
            if allowed.contains(&actor.family) {
                Ok(actor)
            } else {
                Err(problem(
                    key,
                    format!("is \"{text}\", which does other work"),
                ))
            }
        };
        let products = [Family::Junglee, Family::Axesso];
        let mut by_marketplace = Vec::new();
        for entry in &settings.actor_by_marketplace {
            let key = "actor_by_marketplace";
            let parts = entry
                .split_once('=')
                .and_then(|(place, name)| Some((Shop::named(place)?, name)));
            let (shop, name) = parts.ok_or_else(|| {
                problem(
                    key,
                    format!("holds \"{entry}\"; expected MARKETPLACE=actor"),
                )
            })?;
            by_marketplace.push((shop.marketplace, actor(key, name, &products)?));
        }
        let charge = settings.max_total_charge_usd.trim();
        let max_charge = match charge {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|charge| *charge > Decimal::ZERO)
                    .ok_or_else(|| {
                        problem(
                            "max_total_charge_usd",
                            format!("is \"{text}\", but must be an amount such as 2.50"),
                        )
                    })?,
            ),
        };
        let seconds = Duration::from_secs;
        Ok(Self {
            product: actor("actor", &settings.actor, &products)?,
            by_marketplace,
            search: actor(
                "search_actor",
                &settings.search_actor,
                &[Family::AxessoSearch, Family::Junglee],
            )?,
            category: actor(
                "category_actor",
                &settings.category_actor,
                &[Family::Junglee],
            )?,
            bestsellers: actor(
                "bestseller_actor",
                &settings.bestseller_actor,
                &[Family::Bestsellers, Family::Junglee],
            )?,
            variant_prices: settings.variant_prices,
            poll_wait: seconds(settings.poll_wait_seconds.min(60)),
            run_limit: seconds(settings.run_limit_seconds),
            start_grace: seconds(settings.start_grace_seconds),
            cost_settle: seconds(settings.cost_settle_seconds),
            max_items: Some(settings.max_items).filter(|most| *most > 0),
            max_charge,
        })
    }

    /// The actor that reads products of a marketplace.
    pub(crate) fn product(&self, marketplace: &str) -> &Actor {
        self.by_marketplace
            .iter()
            .find(|(place, _)| *place == marketplace)
            .map_or(&self.product, |(_, actor)| actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: impl FnOnce(&mut Sources)) -> Result<Plan, String> {
        let mut sources = config::Config::defaults().sources;
        set(&mut sources);
        Settings::read(&sources)
            .and_then(|settings| Plan::of(&settings))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_marketplace_may_have_an_actor_of_its_own() {
        let entry = "uk=axesso_data/amazon-product-details-scraper";
        let plan = with(|sources| sources.set("amazon", "actor_by_marketplace", vec![entry]))
            .expect("good settings");
        assert_eq!(plan.product("GB").family, Family::Axesso);
        assert_eq!(plan.product("US").family, Family::Junglee);
        assert_eq!(plan.search.family, Family::AxessoSearch);
    }

    #[test]
    fn wrong_values_are_named() {
        for (key, value) in [
            ("actor", "kL8sVtW2cQz5XrNdM"),
            ("actor", "axesso_data~amazon-search-scraper"),
            ("max_total_charge_usd", "much"),
            ("max_total_charge_usd", "-1"),
        ] {
            let error = with(|sources| sources.set("amazon", key, value)).expect_err(value);
            assert!(error.contains(&format!("sources.amazon.{key}")), "{error}");
        }
        let entry = vec!["XX=junglee/Amazon-crawler"];
        let error = with(|sources| sources.set("amazon", "actor_by_marketplace", entry))
            .expect_err("no such marketplace");
        assert!(error.contains("actor_by_marketplace"), "{error}");
    }
}
