//! The binary: starts, answers, stops when asked.

use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::common::Service;

const LIMIT: Duration = Duration::from_secs(30);

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_user-service"));
    program.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    program
}

/// A port that is free at this moment.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// The status line and body of a GET; nothing while nobody listens.
async fn get(port: u16, path: &str) -> Option<String> {
    get_with(port, path, "").await
}

/// The same with these header lines.
async fn get_with(port: u16, path: &str, headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// A process beside `service`, once it is ready.
async fn start(service: &Service, http: u16) -> Child {
    let grpc = free_port().await;
    let config = &service.config;
    let mut child = program()
        .env("DATABASE_URL", config.database.url.expose())
        .env("REDIS_URL", &service.env.redis_url)
        .env("AMQP_URL", config.amqp.url.expose())
        .env("BELLWETHER_AMQP__PREFIX", &config.amqp.prefix)
        .env(
            "BELLWETHER_DATABASE__ROLE_SECRET",
            config.database.role_secret.expose(),
        )
        .env(
            "BELLWETHER_SECRETS__MASTER_KEY",
            config.secrets.master_key.expose(),
        )
        .env("BELLWETHER_LISTEN__USER_HTTP", http.to_string())
        .env("BELLWETHER_LISTEN__USER_GRPC", grpc.to_string())
        .env("BELLWETHER_INTERNAL__USER_TOKEN", "user token of the test")
        .env("BELLWETHER_INTERNAL__CORE_TOKEN", "core token of the test")
        .env(
            "BELLWETHER_INTERNAL__CRAWLER_TOKEN",
            "crawler token of the test",
        )
        .env(
            "BELLWETHER_INTERNAL__WORKER_TOKEN",
            "worker token of the test",
        )
        .env(
            "BELLWETHER_INTERNAL__OPERATOR_TOKEN",
            "operator token of the test",
        )
        .stdout(Stdio::null())
        .spawn()
        .unwrap();

    let started = Instant::now();
    while !get(http, "/readyz")
        .await
        .is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
    {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(
            started.elapsed() < LIMIT,
            "not ready: {:?}",
            get(http, "/readyz").await
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child
}

#[tokio::test]
async fn a_wrong_configuration_is_told_before_anything_starts() {
    let output = program().output().await.unwrap();
    assert_eq!(output.status.code(), Some(i32::from(config::EXIT_USAGE)));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("database.url"), "{told}");
}

#[tokio::test]
async fn it_serves_until_it_is_asked_to_stop() {
    let service = Service::start().await;
    let http = free_port().await;
    let mut child = start(&service, http).await;
    let plans = get(http, "/api/v1/plans").await.unwrap();
    assert!(plans.contains("enterprise"), "{plans}");
    let refused = get(http, "/api/v1/tenant").await.unwrap();
    assert!(
        refused.starts_with("HTTP/1.1 401") && refused.contains("trace_id"),
        "{refused}"
    );

    let pid = child.id().unwrap().to_string();
    let asked = Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await
        .unwrap();
    assert!(asked.success());
    let ended = tokio::time::timeout(LIMIT, child.wait())
        .await
        .unwrap()
        .unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn a_key_that_is_revoked_here_is_refused_by_a_process_that_knew_it() {
    let service = Service::start().await;
    let http = free_port().await;
    let _child = start(&service, http).await;
    let token = service.register("acme").await.text("access_token");
    let body = json!({ "name": "x", "scopes": ["read"] });
    let made = service.post("/api/v1/api-keys", &token, body).await;
    let key = format!("x-api-key: {}\r\n", made.text("key"));
    let ask = async || get_with(http, "/api/v1/tenant", &key).await.unwrap();
    for _ in 0..3 {
        assert!(ask().await.starts_with("HTTP/1.1 200"), "known there");
    }
    let path = format!("/api/v1/api-keys/{}", made.text("id"));
    let revoked = service.send(Method::DELETE, &path, &token, None).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    // Far less than answers are believed when nobody hears of a change.
    let refused = async {
        while !ask().await.starts_with("HTTP/1.1 401") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(5), refused).await;
    assert!(refused.is_ok(), "still taken: {}", ask().await);
}
