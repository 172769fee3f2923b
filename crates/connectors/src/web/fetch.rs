//! From an address to a page: by leave of its host, over redirects, and not again what did not
//! change.

use egress::{Request, Response, Urgency};
use url::Url;

use super::memo::Memo;
use super::robots::{self, Keeper};
use super::{SOURCE, address, refusal};
use crate::{Call, Executor, Outcome};

/// Redirects followed.
const HOPS: usize = 6;
/// Largest page, in decompressed bytes.
const LARGEST: usize = 5 * 1024 * 1024;

/// How pages are asked for.
#[derive(Debug)]
pub(super) struct Fetcher {
    executor: Executor,
    robots: Keeper,
    agent: String,
}

/// A page, and where it was in the end.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) response: Response,
    pub(super) url: Url,
}

impl Fetcher {
    pub(super) fn new(executor: Executor, agent: String) -> Self {
        Self {
            executor,
            robots: Keeper::default(),
            agent,
        }
    }

    /// Fetches a page; `None` when it is as the memo has it. A host that is not there by the name that
    /// ids have is looked for under the `www.` that they leave out.
    ///
    /// # Errors
    /// The outcome of a page that is not to be had.
    pub(super) async fn fetch(
        &self,
        start: &Url,
        memo: Option<&Memo>,
        urgency: Urgency,
    ) -> Result<Option<Fetched>, Outcome> {
        let fetched = self.follow(start, memo, urgency).await;
        match (&fetched, address::with_www(start)) {
            (Err(Outcome::Network { .. }), Some(other)) => {
                self.follow(&other, memo, urgency).await.or(fetched)
            }
            _ => fetched,
        }
    }

    /// Every redirect is a request of its own: guarded, and by leave of its host.
    async fn follow(
        &self,
        start: &Url,
        memo: Option<&Memo>,
        urgency: Urgency,
    ) -> Result<Option<Fetched>, Outcome> {
        let mut url = start.clone();
        let mut been = Vec::new();
        for _ in 0..HOPS {
            let response = self.ask(&url, memo, urgency).await?;
            if response.status == 304 {
                return match memo {
                    Some(_) => Ok(None),
                    None => Err(Outcome::malformed(
                        "the shop says the page is unchanged, unasked",
                    )),
                };
            }
            if response.is_success() {
                is_page(&response)?;
                return Ok(Some(Fetched { response, url }));
            }
            let next = response.header("location").and_then(|to| url.join(to).ok());
            let mut next =
                next.ok_or_else(|| Outcome::malformed("the page moved, but not whereto"))?;
            next.set_fragment(None);
            been.push(std::mem::replace(&mut url, next));
            if been.contains(&url) {
                return Err(Outcome::malformed("the page's redirects go in a circle"));
            }
        }
        Err(Outcome::malformed("the page's redirects do not end"))
    }

    async fn ask(
        &self,
        url: &Url,
        memo: Option<&Memo>,
        urgency: Urgency,
    ) -> Result<Response, Outcome> {
        let leave = self
            .robots
            .may(&self.executor, &self.agent, urgency, url)
            .await?;
        let call = Call::read(SOURCE, urgency)
            .scope(robots::scope(url))
            .least_gap(leave.gap)
            .judge(refusal::judge);
        let marks = memo
            .map(|memo| memo.marks(url.as_str()))
            .unwrap_or_default();
        let request = |_| {
            let page = Request::get(url.clone())
                .header("user-agent", &self.agent)
                .header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1")
                .max_body(LARGEST);
            let marked = marks
                .iter()
                .fold(page, |page, (name, mark)| page.header(name, mark));
            Ok(marked)
        };
        self.executor.send(&call, request).await
    }
}

/// Whether an answer is a page for people at all.
fn is_page(response: &Response) -> Result<(), Outcome> {
    let kind = response.header("content-type").unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let readable = matches!(
        kind.as_str(),
        "" | "text/html" | "application/xhtml+xml" | "text/plain" | "application/xml" | "text/xml"
    );
    if readable {
        return Ok(());
    }
    let kind: String = kind.chars().take(60).collect();
    Err(Outcome::malformed(format!(
        "this is no web page but {kind}"
    )))
}
