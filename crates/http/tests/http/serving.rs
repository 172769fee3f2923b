//! Over a real socket.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    response::sse::{Event, Sse},
    routing::get,
};
use futures::{StreamExt as _, stream};
use http_kit::{
    health::{self, Check},
    openapi,
    problem::Problem,
    server::{Stopping, harden, serve},
};
use lifecycle::Lifecycle;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

use crate::support::{api, init_telemetry};

const LIMIT: Duration = Duration::from_secs(5);

async fn start(router: Router) -> (Lifecycle, SocketAddr) {
    init_telemetry();
    let life = Lifecycle::new(LIMIT);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    life.spawn("http", {
        let life = life.clone();
        async move { serve(listener, router, &life).await }
    });
    (life, address)
}

async fn drained(life: &Lifecycle) {
    tokio::time::timeout(LIMIT, life.drained())
        .await
        .expect("drains in time");
    assert!(!life.has_failed());
    assert!(!life.hard().is_cancelled(), "nothing had to be aborted");
}

#[tokio::test]
async fn a_large_body_is_answered_while_it_is_sent() {
    let (life, address) = start(api().0).await;
    let response = reqwest::Client::new()
        .post(format!("http://{address}/api/v1/bodies"))
        .header("content-type", "application/json")
        .body(vec![b'x'; 2 * 1024 * 1024])
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let problem: Problem = response.json().await.expect("a problem");
    assert!(problem.detail.contains("1 MiB"));
    life.stop();
    drained(&life).await;
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_takes_nothing_new() {
    let (started, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (started, go) = (Arc::clone(&started), Arc::clone(&go));
        async move || {
            started.notify_one();
            go.notified().await;
            "done"
        }
    };
    let (life, address) = start(Router::new().route("/slow", get(handler))).await;
    let url = format!("http://{address}/slow");
    let under_way = tokio::spawn(reqwest::get(url.clone()));
    started.notified().await;
    life.stop();
    let refused = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(LIMIT, refused)
        .await
        .expect("the listener closes");
    go.notify_one();
    let answer = under_way.await.expect("no panic").expect("answered");
    assert_eq!(answer.text().await.expect("a body"), "done");
    drained(&life).await;
}

#[tokio::test]
async fn event_streams_outlast_the_timeout_and_end_with_a_stop() {
    let events = async |Extension(stopping): Extension<Stopping>| {
        let endless = stream::iter([Ok::<_, Infallible>(Event::default().data("hello"))])
            .chain(stream::pending());
        Sse::new(stopping.end(endless))
    };
    let timeout = Duration::from_millis(50);
    let router = harden(Router::new().route("/events", get(events)), timeout);
    let (life, address) = start(router).await;
    let response = reqwest::get(format!("http://{address}/events"))
        .await
        .expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.bytes_stream();
    let first = body.next().await.expect("an event").expect("read");
    assert_eq!(&first[..], b"data: hello\n\n");
    let more = tokio::time::timeout(4 * timeout, body.next()).await;
    assert!(more.is_err(), "the stream stays open");
    life.stop();
    let end = tokio::time::timeout(LIMIT, body.next())
        .await
        .expect("the stream ends");
    assert!(end.is_none());
    drained(&life).await;
}

#[tokio::test]
async fn health_names_each_dependency() {
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let checks = vec![
        Check::new("postgres", {
            let broken = Arc::clone(&broken);
            move || {
                let broken = broken.load(std::sync::atomic::Ordering::SeqCst);
                async move {
                    anyhow::ensure!(!broken, "postgres://user:hunter2@db is away");
                    Ok(())
                }
            }
        }),
        Check::new("redis", async || Ok(())),
        // Another service of the same process, whose own connection is fine.
        Check::new("postgres", async || Ok(())),
    ];
    let router = health::routes(checks).merge(openapi::error_help());
    let (life, address) = start(harden(router, LIMIT)).await;
    let fetch = async |path: &str| {
        let response = reqwest::get(format!("http://{address}{path}"))
            .await
            .expect("an answer");
        (response.status(), response.text().await.expect("a body"))
    };
    assert_eq!(fetch("/healthz").await.0, StatusCode::OK);
    let (status, body) = fetch("/readyz").await;
    let ready: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &ready["status"]),
        (StatusCode::OK, &"ready".into())
    );
    assert_eq!(ready["checks"]["redis"]["status"], "ok");

    broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, body) = fetch("/readyz").await;
    let ready: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &ready["status"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"not ready".into())
    );
    assert_eq!(ready["checks"]["postgres"]["status"], "failed");
    assert_eq!(ready["checks"]["redis"]["status"], "ok");
    assert!(!body.contains("hunter2"));
    assert_eq!(
        fetch("/healthz").await.0,
        StatusCode::OK,
        "alive all the same"
    );

    let (_, metrics) = fetch("/metrics").await;
    let line = "http_requests_total{method=\"GET\",route=\"/readyz\",status=\"503\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    let (_, help) = fetch("/api/docs/errors").await;
    assert!(help.contains("id=\"not-found\""));
    life.stop();
    drained(&life).await;
}

#[tokio::test]
async fn methods_of_a_clients_own_share_a_series() {
    let router = Router::new().route("/odd", axum::routing::any(async || "taken"));
    let (life, address) = start(harden(router.merge(health::routes(Vec::new())), LIMIT)).await;
    let client = reqwest::Client::new();
    for method in ["BREW", "PROPFIND", "X-1", "X-2", "POST"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let asked = client.request(method, format!("http://{address}/odd"));
        assert_eq!(asked.send().await.expect("an answer").status(), 200);
    }
    let metrics = reqwest::get(format!("http://{address}/metrics")).await;
    let metrics = metrics.expect("an answer").text().await.expect("a body");
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_total") && line.contains("\"/odd\""))
        .collect();
    assert_eq!(counted.len(), 2, "{counted:?}");
    for (method, count) in [("other", 4), ("POST", 1)] {
        let line = format!(
            "http_requests_total{{method=\"{method}\",route=\"/odd\",status=\"200\"}} {count}"
        );
        assert!(counted.contains(&line.as_str()), "{counted:?}");
    }
    life.stop();
    drained(&life).await;
}

#[tokio::test]
async fn answers_are_compressed_and_carry_the_callers_trace() {
    let long = async || "word ".repeat(1000);
    let router = harden(Router::new().route("/long", get(long)), LIMIT);
    let (life, address) = start(router).await;
    let response = reqwest::Client::builder()
        .no_gzip()
        .build()
        .expect("a client")
        .get(format!("http://{address}/long"))
        .header("accept-encoding", "gzip")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(
        response.headers()["x-trace-id"],
        "0af7651916cd43dd8448eb211c80319c"
    );
    life.stop();
    drained(&life).await;
}
