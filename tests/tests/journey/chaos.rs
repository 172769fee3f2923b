//! Every part is killed in the middle of a crawl: nothing is lost, nothing comes twice, nothing is paid twice.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use devstack::Engine;
use futures::{StreamExt, TryStreamExt, stream};
use journey_tests::api::Api;
use journey_tests::engines::OwnEngines;
use journey_tests::installation::Installation;
use journey_tests::market::Market;
use journey_tests::wait::until;
use sea_orm::sqlx::{self, Connection, Row};
use serde_json::{Value, json};

use crate::told;

/// Targets of each crawl.
const TARGETS: usize = 2_000;
/// The most that anything may take: a busy machine is slow.
const LIMIT: Duration = Duration::from_secs(300);

/// What is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Service(&'static str),
    Engine(Engine),
}

impl std::fmt::Display for Victim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service(name) => f.write_str(name),
            Self::Engine(engine) => f.write_str(engine.name()),
        }
    }
}

const VICTIMS: [Victim; 5] = [
    Victim::Engine(Engine::Postgres),
    Victim::Engine(Engine::Rabbitmq),
    Victim::Engine(Engine::Redis),
    Victim::Service("crawler-service"),
    Victim::Service("worker"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_part_may_be_killed_in_the_middle_of_a_crawl() -> anyhow::Result<()> {
    let _alone = crate::FOUR_PROCESSES.lock().await;
    let mut engines = OwnEngines::start().await?;
    let variables = [
        // What is handed out and told to nobody comes back soon.
        ("BELLWETHER_CRAWL__LEASE_SECONDS", "20"),
        // So that a crawl has a middle.
        ("BELLWETHER_WORKER__CONCURRENCY", "2"),
    ];
    let installation = Installation::start_on(engines.addresses(), "services", &variables).await?;
    told(&installation, async {
        let scene = Scene::prepare(&installation).await?;
        for victim in VICTIMS {
            let strike = scene.strike(&mut engines, victim).await;
            strike.with_context(|| format!("{victim} was killed"))?;
        }
        Ok(())
    })
    .await?;
    drop(installation);
    engines.stop().await
}

/// An installation with products that were all observed once.
struct Scene<'a> {
    installation: &'a Installation,
    api: Api,
    market: Market,
    client: reqwest::Client,
    database: String,
    /// Product ids.
    products: Vec<i64>,
}

impl<'a> Scene<'a> {
    async fn prepare(installation: &'a Installation) -> anyhow::Result<Self> {
        let began = Instant::now();
        let (api, market) = (installation.demo(), installation.market());
        let products: Vec<i64> = stream::iter(0..TARGETS)
            .map(|number| {
                let (api, market) = (api.clone(), market.clone());
                async move {
                    let shown = json!({ "price": "10.00", "available": true });
                    market.set("amazon", "US", &asin(number), shown).await?;
                    api.track("amazon", "US", &asin(number)).await
                }
            })
            .buffered(16)
            .try_collect()
            .await?;
        let scene = Self {
            installation,
            api,
            market,
            client: reqwest::Client::new(),
            database: installation.text("database_url").to_owned(),
            products,
        };
        until("every product's first observation", LIMIT, async || {
            Ok((scene.observed().await?.len() == TARGETS).then_some(()))
        })
        .await?;
        say(&format!(
            "{TARGETS} products tracked and observed in {}",
            seconds(began.elapsed())
        ));
        Ok(scene)
    }

    /// Kills `victim` when a crawl of all products is under way, and follows that crawl to its end.
    async fn strike(&self, engines: &mut OwnEngines, victim: Victim) -> anyhow::Result<()> {
        let before = self.observed().await?;
        // The simulated market's clock is ours.
        let since = Utc::now() - TimeDelta::milliseconds(1);
        let body = json!({ "product_ids": self.products });
        let crawl = self.api.post("/crawl/manual", body).await?;
        let id = crawl["crawl_id"]
            .as_str()
            .context("no crawl id")?
            .to_owned();
        let seen = total(&before);
        let reached = until("the crawl's middle", LIMIT, async || {
            let now = total(&self.observed().await?) - seen;
            Ok((now >= TARGETS / 10).then_some(now))
        })
        .await?;
        ensure!(reached < TARGETS, "the crawl was over before the blow");

        let blow = Instant::now();
        let down = match victim {
            Victim::Service(name) => self.kill(name).await?,
            Victim::Engine(engine) => self.crash(engines, engine).await?,
        };
        let ready = until("ready again", LIMIT, async || {
            Ok(self.is_ready().await.then(|| blow.elapsed()))
        })
        .await?;
        let ended = until("the crawl's end", LIMIT, async || {
            let found = self.api.get(&format!("/crawls/{id}")).await?;
            Ok((found["status"] != "running" && found["status"] != "idle").then_some(found))
        })
        .await?;
        say(&format!(
            "{victim} killed after {reached} of {TARGETS}: {down}, ready after {}, complete after {}",
            seconds(ready),
            seconds(blow.elapsed())
        ));
        nothing_lost(&ended)?;
        nothing_twice(&before, &self.observed().await?)?;
        self.nothing_paid_twice(since).await
    }

    /// Kills a service, which its supervisor starts again.
    async fn kill(&self, name: &str) -> anyhow::Result<String> {
        let pid = self.installation.pid(name)?;
        self.installation.kill(name)?;
        let down = self.until_not_ready().await?;
        until("a new process", LIMIT, async || {
            let new = self.installation.pid(name).ok();
            Ok(new.filter(|new| *new != pid))
        })
        .await?;
        Ok(down)
    }

    async fn crash(&self, engines: &mut OwnEngines, engine: Engine) -> anyhow::Result<String> {
        let before = total(&self.observed().await?);
        engines.crash(engine).await?;
        let down = if engine == Engine::Redis {
            // Workers go by their shares without it: nobody stops.
            until("work goes on without Redis", LIMIT, async || {
                Ok((total(&self.observed().await?) > before).then_some(()))
            })
            .await?;
            ensure!(self.is_ready().await, "not ready without Redis");
            "ready all the time".to_owned()
        } else {
            self.until_not_ready().await?
        };
        engines.restart().await?;
        Ok(down)
    }

    /// Waits until the installation says that it cannot serve.
    async fn until_not_ready(&self) -> anyhow::Result<String> {
        let began = Instant::now();
        until("not ready", LIMIT, async || {
            Ok((!self.is_ready().await).then_some(()))
        })
        .await?;
        Ok(format!("not ready after {}", seconds(began.elapsed())))
    }

    async fn is_ready(&self) -> bool {
        let url = format!("{}/readyz", self.installation.text("url"));
        let answer = self.client.get(url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// How many instants history holds of each product.
    async fn observed(&self) -> anyhow::Result<HashMap<i64, usize>> {
        let mut connection = sqlx::PgConnection::connect(&self.database).await?;
        let sql = "select listing_id, count(*) from catalog.history where listing_id = any($1) group by 1";
        let rows = sqlx::query(sql)
            .bind(&self.products)
            .fetch_all(&mut connection)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, usize::try_from(row.try_get::<i64, _>(1)?)?)))
            .collect()
    }

    /// Each product's page was given to one paid run.
    async fn nothing_paid_twice(&self, since: chrono::DateTime<Utc>) -> anyhow::Result<()> {
        let runs = self.market.runs_since(since).await?;
        for number in 0..TARGETS {
            let asin = asin(number);
            let paid = runs.iter().flatten().filter(|page| page.contains(&asin));
            let paid = paid.count();
            ensure!(paid == 1, "{asin} was in {paid} of {} runs", runs.len());
        }
        Ok(())
    }
}

fn nothing_lost(ended: &Value) -> anyhow::Result<()> {
    let whole = ended["status"] == "completed" && ended["succeeded"] == TARGETS;
    ensure!(whole, "{ended}");
    Ok(())
}

fn nothing_twice(before: &HashMap<i64, usize>, after: &HashMap<i64, usize>) -> anyhow::Result<()> {
    for (product, first) in before {
        let second = after.get(product).copied().unwrap_or(0);
        ensure!(
            second == first + 1,
            "product {product} was observed {first} times before and {second} times after one crawl"
        );
    }
    Ok(())
}

fn total(observed: &HashMap<i64, usize>) -> usize {
    observed.values().sum()
}

fn asin(number: usize) -> String {
    format!("B0CHAO{number:04}")
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Says it also when the test passes, whose `println!` nobody sees.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "chaos: {line}");
}
