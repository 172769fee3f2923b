//! The client against a real server on loopback.

use std::io::Write;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use egress::{Egress, EgressError, Limits, Request};
use url::Url;

async fn serve() -> Url {
    let zeros = || {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder
            .write_all(&vec![0; 4 * 1024 * 1024])
            .expect("in memory");
        encoder.finish().expect("in memory")
    };
    let bomb =
        move || async move { ([(header::CONTENT_ENCODING, "gzip")], zeros()).into_response() };
    let echo = |headers: HeaderMap| async move {
        let sent = headers.get(header::AUTHORIZATION).is_some();
        format!("authorization: {sent}")
    };
    let router = Router::new()
        .route("/echo", get(echo))
        .route("/bomb", get(bomb))
        .route("/large", get(|| async { vec![b'x'; 2 * 1024 * 1024] }))
        .route("/slow", get(std::future::pending::<()>))
        .route("/away", get(|| async { Redirect::temporary("/echo") }))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url.parse().expect("a URL")
}

fn egress(allow_private: bool) -> Egress {
    let limits = Limits {
        timeout: Duration::from_secs(5),
        max_body: 1024 * 1024,
        allow_private,
    };
    Egress::new(limits).expect("a client")
}

fn at(base: &Url, path: &str) -> Request {
    Request::get(base.join(path).expect("a URL"))
}

#[tokio::test]
async fn private_addresses_are_refused_by_literal_and_by_name() {
    let base = serve().await;
    let port = base.port().expect("a port");
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "0",
        "[::ffff:7f00:1]",
    ] {
        let url = format!("http://{host}:{port}/echo").parse().expect("a URL");
        let error = egress(false).send(Request::get(url)).await.expect_err(host);
        assert!(
            matches!(error, EgressError::Blocked { .. }),
            "{host}: {error:?}"
        );
    }
    let answer = egress(true)
        .send(at(&base, "/echo"))
        .await
        .expect("allowed for tests");
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn other_schemes_and_credentials_in_the_address_are_refused() {
    for url in [
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://user:pw@example.com/",
    ] {
        let error = egress(true)
            .send(Request::get(url.parse().expect("a URL")))
            .await;
        assert!(matches!(error, Err(EgressError::Blocked { .. })), "{url}");
    }
}

#[tokio::test]
async fn bodies_are_capped_compressed_or_not() {
    let base = serve().await;
    for path in ["/large", "/bomb"] {
        let error = egress(true).send(at(&base, path)).await.expect_err(path);
        assert!(
            matches!(error, EgressError::TooLarge { .. }),
            "{path}: {error:?}"
        );
    }
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_closed_port_a_failed_connection() {
    let base = serve().await;
    let request = at(&base, "/slow").timeout(Duration::from_millis(100));
    let error = egress(true).send(request).await.expect_err("slow");
    assert!(matches!(error, EgressError::Timeout { .. }), "{error:?}");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!(
        "http://{}/?token=hunter2",
        listener.local_addr().expect("an address")
    );
    drop(listener);
    let error = egress(true)
        .send(Request::get(closed.parse().expect("a URL")))
        .await;
    let error = error.expect_err("closed");
    assert!(matches!(error, EgressError::Connect { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn redirects_are_followed_only_when_asked_and_each_is_checked() {
    let base = serve().await;
    let egress_ = egress(true);
    assert_eq!(
        egress_
            .send(at(&base, "/away"))
            .await
            .expect("answer")
            .status,
        307
    );
    let followed = egress_
        .send(at(&base, "/away").bearer("t").follow(2))
        .await
        .expect("answer");
    assert_eq!(
        followed.body, "authorization: true",
        "the same origin keeps it"
    );
    let round = egress_
        .send(at(&base, "/loop").follow(3))
        .await
        .expect("answer");
    assert_eq!(round.status, 307, "the last hop is the answer");
}

#[tokio::test]
async fn another_origin_gets_no_credentials() {
    let (base, other) = (serve().await, serve().await);
    let target = other.join("/echo").expect("a URL");
    let router = Router::new().route(
        "/",
        get(|| async move { Redirect::temporary(target.as_str()) }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let first = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = Request::get(first.parse().expect("a URL"))
        .bearer("t")
        .follow(1);
    let answer = egress(true).send(request).await.expect("answer");
    assert_eq!(answer.body, "authorization: false");
    drop(base);
}
