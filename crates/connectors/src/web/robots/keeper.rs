//! Every host's robots.txt, read when first needed and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use egress::{Request, Response, Urgency};
use tokio::time::Instant;
use url::{Host, Url};

use super::rules::Rules;
use crate::web::address::bare;
use crate::web::{SOURCE, decode};
use crate::{Call, Executor, Outcome, by_status};

/// How long a file that was read holds; RFC 9309 allows a day.
const KEPT: Duration = Duration::from_secs(6 * 3600);
/// How long a host whose file cannot be read is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(15 * 60);
/// Hosts kept in memory.
const MOST: usize = 4_096;
/// Redirects followed to a file (RFC 9309, 2.3.1.2).
const HOPS: u8 = 5;
/// Largest file; what is behind the first half megabyte is not read.
const LARGEST: usize = 2 * 1024 * 1024;

/// Whether and how often a page may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Permission {
    /// The gap that the host asks for between two requests.
    pub(in crate::web) gap: Duration,
}

/// What is known of one host.
#[derive(Clone, Debug)]
enum Known {
    Rules(Arc<Rules>),
    /// Its file cannot be read; the reason is for people.
    Unreadable(String),
}

type Cell = Arc<tokio::sync::Mutex<Option<(Known, Instant)>>>;

/// Every host's robots.txt.
#[derive(Debug, Default)]
pub(in crate::web) struct Keeper {
    hosts: Mutex<HashMap<String, Cell>>,
}

impl Keeper {
    /// Whether a page may be asked for.
    ///
    /// # Errors
    /// The outcome of a page that may not, or of asking for the rules.
    pub(in crate::web) async fn may(
        &self,
        executor: &Executor,
        agent: &str,
        urgency: Urgency,
        url: &Url,
    ) -> Result<Permission, Outcome> {
        let host = url.host_str().unwrap_or_default();
        let cell = self.cell(url.origin().ascii_serialization());
        // Whoever comes meanwhile waits for the one that asks.
        let mut kept = cell.lock().await;
        let fresh = kept.as_ref().filter(|(_, until)| *until > Instant::now());
        let known = match fresh {
            Some((known, _)) => known.clone(),
            None => {
                let (known, lasts) = ask(executor, agent, urgency, url).await?;
                *kept = Some((known.clone(), Instant::now() + lasts));
                known
            }
        };
        drop(kept);
        match known {
            Known::Unreadable(why) => Err(Outcome::Blocked {
                retry_after: Some(LEFT_ALONE),
                reason: format!(
                    "robots.txt of {host} cannot be read ({why}), so its pages are left alone"
                ),
            }),
            Known::Rules(rules) => {
                let query = url.query().map(|query| format!("?{query}"));
                let path = format!("{}{}", url.path(), query.unwrap_or_default());
                if rules.allow(&path) {
                    let gap = rules.delay.unwrap_or_default();
                    return Ok(Permission { gap });
                }
                Err(Outcome::Blocked {
                    retry_after: None,
                    reason: format!("robots.txt of {host} asks not to read this page"),
                })
            }
        }
    }

    fn cell(&self, origin: String) -> Cell {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST && !hosts.contains_key(&origin) {
            hosts.retain(|_, cell| Arc::strong_count(cell) > 1);
        }
        Arc::clone(hosts.entry(origin).or_default())
    }
}

/// The part of the web that has manners of its own: a host as ids name it (without `www.`, so that
/// who tracks a page there is shown how it does), with its port where it has one.
pub(in crate::web) fn scope(url: &Url) -> String {
    let host = match url.host() {
        Some(Host::Domain(name)) => bare(name).unwrap_or(name).to_owned(),
        literal => literal.map(|ip| ip.to_string()).unwrap_or_default(),
    };
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// Asks for the file: what it means and for how long.
async fn ask(
    executor: &Executor,
    agent: &str,
    urgency: Urgency,
    page: &Url,
) -> Result<(Known, Duration), Outcome> {
    let file = page.join("/robots.txt");
    let mut file = file.map_err(|_| Outcome::hopeless("the address has no host"))?;
    file.set_query(None);
    let call = Call::read(SOURCE, urgency)
        .scope(scope(page))
        .judge(|response, now| match response.status {
            // Refused or missing: there are no rules (RFC 9309, 2.3.1.3). Too many requests is
            // about us, not about the file.
            429 => by_status(response, now),
            300..500 => None,
            _ => by_status(response, now),
        });
    let request = |_| {
        let request = Request::get(file.clone()).header("user-agent", agent);
        Ok(request
            .header("accept", "text/plain")
            .follow(HOPS)
            .max_body(LARGEST))
    };
    match executor.send(&call, request).await {
        Ok(response) => Ok((Known::Rules(Arc::new(rules(&response))), KEPT)),
        // The page would fail alike, and says better how.
        Err(
            outcome @ (Outcome::RateLimited { .. }
            | Outcome::Blocked { .. }
            | Outcome::Network { .. }
            | Outcome::Timeout),
        ) => Err(outcome),
        Err(
            outcome @ Outcome::Failed {
                retryable: false, ..
            },
        ) => Err(outcome),
        Err(outcome) => Ok((Known::Unreadable(outcome.reason()), LEFT_ALONE)),
    }
}

fn rules(response: &Response) -> Rules {
    if !response.is_success() {
        return Rules::default();
    }
    Rules::parse(&decode::decode(
        &response.body,
        Some("text/plain; charset=utf-8"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_the_manners_of_its_name_in_ids() {
        for (address, expected) in [
            ("https://www.shop.example/p/1", "shop.example"),
            ("https://shop.example./p/1", "shop.example"),
            ("https://m.shop.example/p/1", "m.shop.example"),
            ("http://127.0.0.1:8080/p/1", "127.0.0.1:8080"),
            ("https://[::1]:8443/p/1", "[::1]:8443"),
        ] {
            let url = Url::parse(address).expect("a URL");
            assert_eq!(scope(&url), expected, "{address}");
        }
    }
}
