//! Four workers as one towards the shop, by what the shop's own log says.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::popmart::{Popmart, SOURCE, Settings};
use connectors::{Breaker, Connector, Executor, Outcome, Target};
use devstack::testing::TestEnv;
use egress::{SharedLimits, Sharing};
use market_sim::Sim;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Recorder, control, egress, job, sim, sources, target};

const WORKERS: usize = 4;

/// A worker of its own, with pauses in milliseconds.
fn worker(env: &TestEnv, sim: &Sim, jitter: (i64, i64)) -> (Popmart, Executor) {
    let sharing = Sharing {
        // A busy machine is no outage.
        answer_within: Duration::from_secs(5),
        ..Sharing::new(&env.redis_prefix, Duration::from_secs(60))
    };
    let shared = SharedLimits::connect(&env.redis_url, sharing).expect("an address");
    let mut sources = sources();
    sources.set("popmart", "jitter_min_ms", jitter.0);
    sources.set("popmart", "jitter_max_ms", jitter.1);
    sources.set("popmart", "client_key", market_sim::POPMART_CLIENT_KEY);
    sources.set("popmart", "sign_salt", market_sim::POPMART_SIGN_SALT);
    let base_url = sim.source_url(market_sim::Source::Popmart);
    sources.set("popmart", "base_url", base_url);
    let executor = Executor::new(&sources, egress(), Some(shared)).expect("good settings");
    let settings = Settings::read(&sources).expect("good settings");
    (Popmart::new(&settings, executor.clone()), executor)
}

/// Crawls so many products, each of the four a share of them, and tells the outcomes.
async fn crawl(workers: &[(Popmart, Executor)], products: usize) -> Vec<Outcome> {
    let targets: Vec<Target> = (0..products)
        .map(|number| target(SOURCE, "US", &(4112 + number).to_string()))
        .collect();
    let recorders: Vec<_> = workers.iter().map(|_| Recorder::default()).collect();
    let crawls = workers
        .iter()
        .zip(targets.chunks(products.div_ceil(workers.len())))
        .zip(&recorders)
        .map(|(((connector, _), targets), recorder)| connector.crawl(job(targets, None), recorder));
    for crawled in futures::future::join_all(crawls).await {
        crawled.expect("the lease lives");
    }
    let outcomes = recorders
        .into_iter()
        .flat_map(|recorder| recorder.outcomes.into_inner().expect("not poisoned"));
    outcomes.map(|(_, outcome)| outcome).collect()
}

/// A request as the shop saw it.
#[derive(Debug)]
struct Seen {
    at: DateTime<Utc>,
    end: DateTime<Utc>,
    status: u64,
}

async fn log(sim: &Sim) -> Vec<Seen> {
    let url = format!("{}/_control/requests?source=popmart", sim.base_url());
    let request = egress::Request::get(url.parse().expect("a URL"));
    let answer = egress().send(request).await.expect("an answer");
    let entries: Vec<Value> = serde_json::from_slice(&answer.body).expect("JSON");
    entries
        .iter()
        .map(|entry| {
            let at = entry["at"]
                .as_str()
                .expect("a time")
                .parse()
                .expect("a time");
            let length = entry["duration_ms"].as_i64().expect("an answered request");
            Seen {
                at,
                end: at + TimeDelta::milliseconds(length),
                status: entry["status"].as_u64().expect("a status"),
            }
        })
        .collect()
}

/// A twenty-fifth of the shop's usual pauses: with a tenth the test would take half a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_workers_keep_one_pace() {
    const PRODUCTS: usize = 100;
    let (env, sim) = (TestEnv::empty().await.expect("engines"), sim().await);
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| worker(&env, &sim, (60, 160)))
        .collect();
    assert_eq!(crawl(&workers, PRODUCTS).await.len(), PRODUCTS);

    let seen = log(&sim).await;
    assert_eq!(seen.len(), PRODUCTS);
    for one in &seen {
        let at_once = seen
            .iter()
            .filter(|other| other.at <= one.at && one.at < other.end);
        assert!(at_once.count() <= 3, "{one:?}");
    }
    // Between two arrivals; the way there takes a little longer or shorter each time.
    let gaps: Vec<_> = seen
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at).num_milliseconds())
        .collect();
    // One that a busy machine held up on its way arrives right before the next.
    let short = gaps.iter().filter(|gap| **gap < 60 - 30).count();
    assert!(short <= PRODUCTS / 50, "{gaps:?}");
    let whole = (seen[PRODUCTS - 1].at - seen[0].at).num_milliseconds();
    assert!(whole >= 60 * (PRODUCTS as i64 - 1), "{whole} ms in all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_after_of_one_holds_all() {
    let (env, sim) = (TestEnv::empty().await.expect("engines"), sim().await);
    let workers: Vec<_> = (0..WORKERS).map(|_| worker(&env, &sim, (5, 10))).collect();
    crawl(&workers, 8).await;
    let fault = json!({"source": "popmart", "kind": "429", "count": 1, "retry_after": 3});
    control(&sim, "fault", fault).await;
    crawl(&workers, 40).await;

    let seen = log(&sim).await;
    let refused = seen
        .iter()
        .position(|seen| seen.status == 429)
        .expect("a 429");
    let asked = seen[refused].end;
    let over = asked + TimeDelta::seconds(3);
    // Requests under way with it, and then none.
    let during = seen.iter().filter(|seen| seen.at > asked && seen.at < over);
    let late: Vec<_> = during
        .filter(|seen| seen.at - asked > TimeDelta::milliseconds(100))
        .collect();
    assert!(late.is_empty(), "{late:?}");
    assert!(seen.len() > 48, "the refused one is asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_refusals_are_the_last_for_all() {
    let (env, sim) = (TestEnv::empty().await.expect("engines"), sim().await);
    let workers: Vec<_> = (0..WORKERS).map(|_| worker(&env, &sim, (5, 10))).collect();
    let fault = json!({"source": "popmart", "kind": "403", "count": 1000});
    control(&sim, "fault", fault).await;
    // One after the other, so that none is under way when the third comes back.
    let outcomes = crawl(&workers[..1], 3).await;
    assert_eq!(outcomes.len(), 3);
    let asked = log(&sim).await.len();
    assert!(asked >= 3);
    for outcome in crawl(&workers, 40).await {
        let Outcome::Blocked {
            retry_after,
            reason,
        } = outcome
        else {
            panic!("{outcome:?}")
        };
        assert!(
            retry_after > Some(Duration::from_secs(60)),
            "{retry_after:?}"
        );
        assert!(reason.contains("left alone until"), "{reason}");
    }
    assert_eq!(log(&sim).await.len(), asked, "nobody asks any more");

    let mut told = JoinSet::new();
    for (_, executor) in workers {
        told.spawn(async move {
            loop {
                let states = executor.changes().await;
                let whole = states.into_iter().find(|state| state.scope.is_empty());
                if let Some(Breaker::Open { probe_at }) = whole.map(|state| state.breaker) {
                    return probe_at;
                }
            }
        });
    }
    let told = tokio::time::timeout(Duration::from_secs(30), told.join_all());
    for probe_at in told.await.expect("every worker knows") {
        assert!(probe_at > Utc::now() + TimeDelta::seconds(60));
    }
}
