//! Calls between processes that show each other certificates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rpc::{PeerUrls, Peers, RpcError, Tls, Tokens};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Who signs certificates.
struct Signer {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Signer {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate of this signer's and its key.
    fn signed(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// What a process is given that trusts `self` and shows what `other` signed.
    fn showing(&self, other: &Self) -> Tls {
        let (certificate, key) = other.signed();
        Tls::from_pem(&self.certificate, certificate, key)
    }
}

fn urls(scheme: &str, port: u16) -> PeerUrls {
    let url = format!("{scheme}://127.0.0.1:{port}");
    PeerUrls {
        user: url.clone(),
        core: url.clone(),
        crawler: url.clone(),
        worker: url,
    }
}

fn tokens() -> Tokens {
    Tokens {
        user: "u".repeat(32),
        core: "c".repeat(32),
        crawler: "r".repeat(32),
        worker: "w".repeat(32),
        operator: "o".repeat(32),
    }
}

/// Whether a call gets through.
async fn answered(urls: &PeerUrls, tls: Option<&Tls>) -> bool {
    let peers = Peers::over(urls, &tokens().core, tls).unwrap();
    let mut health = HealthClient::new(peers.user);
    let called = health.check(HealthCheckRequest::default());
    let called = tokio::time::timeout(Duration::from_secs(30), called).await;
    called.is_ok_and(|answer| answer.is_ok())
}

#[tokio::test]
async fn only_who_shows_a_certificate_of_the_same_signer_is_listened_to() {
    // As every process does: libraries bring two.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (ours, theirs) = (Signer::new(), Signer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(rpc::server::serve_with(
        Routes::default(),
        listener,
        tokens(),
        Some(ours.showing(&ours)),
        stop.clone(),
    ));
    let secure = urls("https", port);
    assert!(answered(&secure, Some(&ours.showing(&ours))).await);
    assert!(
        !answered(&secure, Some(&ours.showing(&theirs))).await,
        "a stranger's certificate"
    );
    assert!(
        !answered(&secure, Some(&theirs.showing(&ours))).await,
        "a server that one does not trust"
    );
    assert!(
        !answered(&urls("http", port), None).await,
        "no certificate at all"
    );
    // Good callers go on all the while.
    assert!(answered(&secure, Some(&ours.showing(&ours))).await);
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_address_says_whether_certificates_are_shown() {
    let ours = Signer::new();
    let tls = ours.showing(&ours);
    let token = tokens().core;
    for (scheme, tls) in [("http", Some(&tls)), ("https", None)] {
        let refused = Peers::over(&urls(scheme, 1), &token, tls).unwrap_err();
        assert!(matches!(refused, RpcError::Scheme { .. }), "{refused}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let mut config = config::Config::defaults();
    assert!(Tls::of(&config.internal).unwrap().is_none());
    config.internal.tls_ca = "/nowhere/ca.pem".to_owned();
    let refused = Tls::of(&config.internal).unwrap_err().to_string();
    assert!(
        refused.contains("internal.tls_ca") && refused.contains("/nowhere/ca.pem"),
        "{refused}"
    );
}
