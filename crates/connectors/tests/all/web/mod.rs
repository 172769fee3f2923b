//! Web shops.

mod choice;
mod manners;
mod odd;
mod sim;

use chrono::{DateTime, Utc};
use connectors::web::{Settings, Web};
use connectors::{Executor, Outcome, Target, listing_url};
use domain::observation::Observation;
use egress::{Egress, Limits};
use market_sim::{Clock, ListingKey, Sim, SimOptions, Source};

use crate::support::{Recorder, crawl, egress, sources};

/// One that asks without pauses of its own.
fn connector() -> Web {
    with(egress())
}

fn with(egress: Egress) -> Web {
    let mut sources = sources();
    sources.set("web", "jitter_min_ms", 1);
    sources.set("web", "jitter_max_ms", 2);
    let settings = Settings::read(&sources).expect("good defaults");
    let executor = Executor::new(&sources, egress, None).expect("good settings");
    Web::new(&settings, executor)
}

/// One that may reach public addresses only, as in production.
fn guarded() -> Web {
    with(Egress::new(Limits::default()).expect("a client"))
}

/// The market's instant: prices stand still.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

async fn shop() -> Sim {
    let options = SimOptions {
        clock: Clock::new(now),
        ..SimOptions::default()
    };
    Sim::start(options).await.expect("a market")
}

/// The page of a product.
fn page(sim: &Sim, country: &str, name: &str) -> Target {
    at(&sim.page(&ListingKey::new(Source::Web, country, name)))
}

fn at(url: &str) -> Target {
    let mut target = Target::new(listing_url::parse(url).expect("a listing"));
    target.url = url.to_owned();
    target
}

fn odd(sim: &Sim, what: &str) -> Target {
    at(&format!("{}/shop/odd/{what}", sim.base_url()))
}

/// One look at one page.
async fn look(web: &Web, target: &Target) -> Outcome {
    told(crawl(web, std::slice::from_ref(target)).await).0
}

/// What a look at one page told: its outcome and what it remembers.
fn told(recorder: Recorder) -> (Outcome, Option<Vec<u8>>) {
    let mut outcomes = recorder.outcomes.into_inner().expect("not poisoned");
    let mut memos = recorder.memos.into_inner().expect("not poisoned");
    assert_eq!(outcomes.len(), 1);
    (outcomes.remove(0).1, memos.pop().map(|(_, memo)| memo))
}

fn seen(outcome: &Outcome) -> &Observation {
    let Outcome::Observed(all) = outcome else {
        panic!("not observed: {outcome:?}")
    };
    &all[0]
}

/// What the shop was asked: (path, status).
async fn asked(sim: &Sim) -> Vec<(String, u64)> {
    let entries = log(sim).await;
    let asked = entries.iter().map(|entry| {
        let path = entry["path"].as_str().unwrap_or_default().to_owned();
        (path, entry["status"].as_u64().unwrap_or_default())
    });
    asked.collect()
}

async fn log(sim: &Sim) -> Vec<serde_json::Value> {
    let url = format!("{}/_control/requests?source=web", sim.base_url());
    let request = egress::Request::get(url.parse().expect("a URL"));
    let answer = egress().send(request).await.expect("an answer");
    serde_json::from_slice(&answer.body).expect("JSON")
}
