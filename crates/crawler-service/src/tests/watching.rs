//! Crawls as they go on, over server-sent events.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use chrono::{TimeDelta, Utc};
use contracts::crawl::v1::ReportSourceRequest;
use futures::StreamExt;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::crawls::{open, start};
use super::work::{outcome, report};
use super::{Stage, key_text, within};

/// One who listens.
struct Listener {
    body: BodyDataStream,
    text: String,
}

impl Listener {
    async fn of(app: &Router, key: &str, id: Uuid) -> Result<Self, StatusCode> {
        let request = Request::builder()
            .uri(format!("/api/v1/crawls/{id}/events"))
            .header("x-api-key", key_text(key));
        let request = request.body(Body::empty()).expect("a request");
        let answer = app.clone().oneshot(request).await.expect("answered");
        if answer.status() != StatusCode::OK {
            return Err(answer.status());
        }
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Ok(Self {
            body: answer.into_body().into_data_stream(),
            text: String::new(),
        })
    }

    /// The next event's name and data; `None` when the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        within("an event, or the end", async {
            loop {
                if let Some((event, rest)) = self.text.split_once("\n\n") {
                    let line = |name: &str| {
                        let lines = event.lines();
                        lines.filter_map(|line| line.strip_prefix(name)).next()
                    };
                    let name = line("event: ").map(ToOwned::to_owned);
                    let data = line("data: ").map(|data| serde_json::from_str(data).expect("JSON"));
                    self.text = rest.to_owned();
                    if let Some((name, data)) = name.zip(data) {
                        return Some((name, data));
                    }
                    continue;
                }
                let more = self.body.next().await?.expect("a whole answer");
                self.text += std::str::from_utf8(&more).expect("text");
            }
        })
        .await
    }
}

fn app(stage: &Stage) -> Router {
    crate::router(stage.state.clone()).split_for_parts().0
}

#[tokio::test]
async fn a_crawl_is_watched_from_its_beginning_to_its_end() {
    let stage = Stage::new().await;
    let app = app(&stage);
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    let id = start(&mut core, stage.tenant, &[1, 2]).await;
    let mut first = Listener::of(&app, "bw_mine", id).await.expect("listening");
    let (name, crawl) = first.next().await.expect("an event");
    assert_eq!(
        (name.as_str(), &crawl["status"]),
        ("snapshot", &json!("idle"))
    );

    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    let (name, crawl) = first.next().await.expect("an event");
    assert_eq!(
        (name.as_str(), &crawl["status"]),
        ("progress", &json!("running"))
    );
    // Another process's report is seen as well: what is read is the table.
    report(&mut work, task, vec![outcome(&items[0], "ok")]).await;
    let (_, crawl) = first.next().await.expect("an event");
    assert_eq!(
        (&crawl["percentage"], &crawl["message"]),
        (&json!(50), &json!("1 of 2 fetched"))
    );
    let mut second = Listener::of(&app, "bw_mine", id).await.expect("listening");
    let (name, crawl) = second.next().await.expect("an event");
    assert_eq!(
        (name.as_str(), &crawl["percentage"]),
        ("snapshot", &json!(50))
    );

    report(&mut work, task, vec![outcome(&items[1], "ok")]).await;
    for mut listener in [first, second] {
        let (name, crawl) = listener.next().await.expect("an event");
        assert_eq!(
            (name.as_str(), &crawl["status"]),
            ("finished", &json!("completed"))
        );
        assert_eq!(listener.next().await, None, "then it ends");
    }
    let mut late = Listener::of(&app, "bw_mine", id).await.expect("listening");
    for expected in ["snapshot", "finished"] {
        assert_eq!(late.next().await.expect("an event").0, expected);
    }
    assert_eq!(late.next().await, None);
}

#[tokio::test]
async fn who_holds_it_up_is_told() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 1).await;
    let id = start(&mut core, stage.tenant, &[1]).await;
    let mut listener = Listener::of(&app(&stage), "bw_mine", id)
        .await
        .expect("listening");
    listener.next().await.expect("a snapshot");
    let (now, until) = (Utc::now(), Utc::now() + TimeDelta::minutes(3));
    let paused = ReportSourceRequest {
        source: "amazon".to_owned(),
        breaker: "closed".to_owned(),
        paused_until_unix: Some(until.timestamp()),
        gap_percent: 100,
        concurrency: 3,
        at_ms: now.timestamp_millis(),
        requests: 1,
        ..ReportSourceRequest::default()
    };
    work.report_source(paused).await.expect("taken");
    let (_, crawl) = listener.next().await.expect("an event");
    let message = crawl["message"].as_str().expect("a text");
    let expected = format!("asks us to pause until {}", until.format("%H:%M UTC"));
    assert!(message.ends_with(&expected), "{message}");
    assert_eq!(
        (&crawl["waits"][0]["source"], &crawl["waits"][0]["state"]),
        (&json!("amazon"), &json!("paused"))
    );
}

#[tokio::test]
async fn only_its_tenant_watches_a_crawl_and_not_without_bounds() {
    let mut stage = Stage::new().await;
    stage.state.settings.streams_per_tenant = 2;
    let app = app(&stage);
    let (_, mut core) = stage.clients();
    stage.track(1, 1).await;
    let id = start(&mut core, stage.tenant, &[1]).await;
    let refused = async |key: &str, id| Listener::of(&app, key, id).await.err();
    assert_eq!(refused("bw_theirs", id).await, Some(StatusCode::NOT_FOUND));
    assert_eq!(
        refused("bw_mine", Uuid::now_v7()).await,
        Some(StatusCode::NOT_FOUND)
    );
    let one = Listener::of(&app, "bw_mine", id).await.expect("listening");
    let two = Listener::of(&app, "bw_mine", id).await.expect("listening");
    assert_eq!(
        refused("bw_mine", id).await,
        Some(StatusCode::TOO_MANY_REQUESTS)
    );
    drop(one);
    let mut three = Listener::of(&app, "bw_mine", id)
        .await
        .expect("a place is free again");
    three.next().await.expect("a snapshot");
    // When nobody watches any more, whoever comes later is told all the same.
    drop((two, three));
    let mut later = Listener::of(&app, "bw_mine", id).await.expect("listening");
    later.next().await.expect("a snapshot");
    let path = format!("/api/v1/crawls/{id}/cancel");
    let stopped = stage.client("bw_mine").post(&path, json!({})).await;
    stopped.expect(StatusCode::OK);
    let (name, crawl) = later.next().await.expect("an event");
    assert_eq!(
        (name.as_str(), &crawl["status"]),
        ("finished", &json!("cancelled"))
    );
}
