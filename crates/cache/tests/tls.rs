//! Redis that is reached by TLS.

use std::convert::Infallible;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cache::{Answer, Cache, Class, Settings};
use devstack::testing::TestEnv;
use http::HeaderValue;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

const CLASS: Class = Class {
    name: "test",
    life: Duration::from_secs(600),
};

/// Speaks TLS in front of `target` with a certificate of a signer of its own; says its port and the signer as PEM.
async fn secured(target: String) -> (u16, String) {
    let signer_key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = params.self_signed(&signer_key).expect("signed").pem();
    let issuer = Issuer::new(params, signer_key);
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(vec!["localhost".to_owned()])
        .and_then(|params| params.signed_by(&key, &issuer))
        .expect("signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            tokio::spawn(async move {
                // Who does not trust the certificate goes away here.
                let Ok(mut near) = acceptor.accept(near).await else {
                    return;
                };
                let mut far = TcpStream::connect(target).await.expect("Redis");
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (port, signer)
}

/// Whether what one process kept is found there by another. In a process of its own, because whom to trust is said by the
/// environment.
fn kept_by_a_process(url: &str, prefix: &str, signer: Option<&std::path::Path>) -> bool {
    let mut process = Command::new(std::env::current_exe().expect("this test"));
    process
        .args(["--exact", "what_is_kept_is_found_again", "--nocapture"])
        .env("CACHE_TEST_URL", url)
        .env("CACHE_TEST_PREFIX", prefix)
        .env_remove("SSL_CERT_FILE");
    if let Some(signer) = signer {
        process.env("SSL_CERT_FILE", signer);
    }
    process.output().expect("it ran").status.success()
}

/// Run by the test below, with an address; by itself it has nothing to look at.
#[tokio::test]
async fn what_is_kept_is_found_again() {
    let variable = |name| std::env::var(name).ok();
    let (Some(url), Some(prefix)) = (variable("CACHE_TEST_URL"), variable("CACHE_TEST_PREFIX"))
    else {
        return;
    };
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let process = || {
        let settings = Settings {
            memory: 1 << 20,
            redis: Some(url.clone()),
            prefix: prefix.clone(),
        };
        let cache = Cache::new(&settings).expect("an address");
        cache.trust(true);
        cache
    };
    let answer = Answer {
        body: Bytes::from_static(b"kept"),
        tag: HeaderValue::from_static("W/\"kept\""),
    };
    let first = process();
    for _ in 0..200 {
        let read = async || Ok::<_, Infallible>(answer.clone());
        let _ = first.answer(CLASS, Uuid::nil(), 1, "", read).await;
        let nothing = async || Err::<Answer, ()>(());
        if process()
            .answer(CLASS, Uuid::nil(), 1, "", nothing)
            .await
            .is_ok()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nothing is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_tls_is_used_when_its_certificate_is_trusted() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let env = TestEnv::empty().await.expect("engines");
    let target = env.redis_url.trim_start_matches("redis://");
    let target = target.split('/').next().unwrap_or_default();
    let target = target.rsplit('@').next().unwrap_or_default().to_owned();
    let (port, signer) = secured(target.clone()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("signer.pem");
    std::fs::write(&path, signer).expect("written");
    let url = env
        .redis_url
        .replace("redis://", "rediss://")
        .replace(&target, &format!("localhost:{port}"));
    let trusting = format!("{}tls:", env.redis_prefix);
    let (own, prefix, trusted) = (url.clone(), trusting, path);
    let kept =
        tokio::task::spawn_blocking(move || kept_by_a_process(&own, &prefix, Some(&trusted)));
    assert!(kept.await.expect("it ran"));
    let distrusting = format!("{}none:", env.redis_prefix);
    let kept = tokio::task::spawn_blocking(move || kept_by_a_process(&url, &distrusting, None));
    assert!(!kept.await.expect("it ran"), "nobody vouches for it");
}
