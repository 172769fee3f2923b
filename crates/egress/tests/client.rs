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
    serve_router(router).await
}

async fn serve_router(router: Router) -> Url {
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

#[tokio::test]
async fn a_redirect_that_parsers_read_differently_is_refused() {
    let router = Router::new().route(
        "/",
        get(|| async {
            (
                axum::http::StatusCode::FOUND,
                [("location", "/\\\\10.0.0.1/")],
            )
        }),
    );
    let base = serve_router(router).await;
    let answer = egress(true).send(at(&base, "/").follow(1)).await;
    assert!(
        matches!(answer, Err(EgressError::Blocked { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_answer_tells_where_redirects_led_and_all_hops_share_one_limit() {
    let base = serve().await;
    let answer = egress(true).send(at(&base, "/away").follow(1)).await;
    assert_eq!(answer.expect("answer").url.path(), "/echo");
    let router = Router::new()
        .route("/first", get(|| async { Redirect::temporary("/drip") }))
        .route(
            "/drip",
            get(|| async {
                let drops = futures::stream::unfold((), |()| async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Some((Ok::<_, std::io::Error>("x"), ()))
                });
                axum::body::Body::from_stream(drops)
            }),
        );
    let base = serve_router(router).await;
    let request = at(&base, "/first")
        .timeout(Duration::from_millis(300))
        .follow(1);
    let error = egress(true).send(request).await.expect_err("it never ends");
    assert!(matches!(error, EgressError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn a_form_is_encoded_and_secrets_are_not_shown() {
    let router = Router::new().route(
        "/",
        axum::routing::post(|headers: HeaderMap, body: String| async move {
            let kind = headers[header::CONTENT_TYPE]
                .to_str()
                .expect("text")
                .to_owned();
            let key = headers[header::AUTHORIZATION]
                .to_str()
                .expect("text")
                .to_owned();
            format!("{kind} {key} {body}")
        }),
    );
    let base = serve_router(router).await;
    let request = Request::post_form(base, [("a", "1 & 2"), ("名", "値")])
        .secret_header("authorization", "hunter2");
    assert!(!format!("{request:?}").contains("hunter2"), "{request:?}");
    let answer = egress(true).send(request).await.expect("answer");
    assert_eq!(
        answer.body,
        "application/x-www-form-urlencoded hunter2 a=1+%26+2&%E5%90%8D=%E5%80%A4"
    );
}

#[tokio::test]
async fn a_proxy_may_be_private_but_what_is_asked_through_it_may_not() {
    // Answers whatever it is asked for, as a proxy that reaches everything would.
    let proxy = Router::new().fallback(|uri: axum::http::Uri| async move { uri.to_string() });
    let mut proxy = serve_router(proxy).await;
    for name in ["127.0.0.1", "localhost"] {
        proxy.set_host(Some(name)).expect("a host");
        let through = egress(false).through(proxy.as_str()).expect("a proxy");
        let ask = |url: &str| through.send(Request::get(url.parse().expect("a URL")));
        let answer = ask("http://1.1.1.1/page")
            .await
            .expect("the proxy's answer");
        assert_eq!(answer.body, "http://1.1.1.1/page");
        for url in [
            "http://10.0.0.1/",
            "http://localhost/",
            "http://[::1]/",
            proxy.as_str(),
        ] {
            let error = ask(url).await.expect_err(url);
            assert!(
                matches!(error, EgressError::Blocked { .. }),
                "{url}: {error:?}"
            );
        }
    }
    for wrong in ["socks5://127.0.0.1:1", "proxy:3128", "file:///etc/passwd"] {
        let error = egress(false).through(wrong).expect_err(wrong);
        assert!(!error.to_string().contains(wrong), "{error}");
    }
}
