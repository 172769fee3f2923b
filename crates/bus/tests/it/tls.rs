//! A broker that is reached by TLS.

use std::sync::Arc;

use bus::Bus;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::{amqp_url, eventually, within};

/// Speaks TLS in front of `target` with a certificate of a signer of its own; says its port and the signer as PEM.
async fn secured(target: String) -> (u16, String) {
    let signer_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = params.self_signed(&signer_key).unwrap().pem();
    let issuer = Issuer::new(params, signer_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let own = CertificateParams::new(names)
        .and_then(|params| params.signed_by(&key, &issuer))
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            tokio::spawn(async move {
                // Who does not trust the certificate goes away here.
                let Ok(mut near) = acceptor.accept(near).await else {
                    return;
                };
                let mut far = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (port, signer)
}

#[tokio::test]
async fn a_broker_behind_tls_is_reached_when_its_address_names_whom_to_trust() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut uri: lapin::uri::AMQPUri = amqp_url().await.parse().unwrap();
    let target = format!("{}:{}", uri.authority.host, uri.authority.port);
    let (port, signer) = secured(target).await;
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("signer.pem");
    std::fs::write(&trusted, signer).unwrap();
    uri.scheme = lapin::uri::AMQPScheme::AMQPS;
    uri.authority.host = "localhost".into();
    uri.authority.port = port;
    let bare = uri.to_string();
    let mark = if bare.contains('?') { '&' } else { '?' };
    let named = format!("{bare}{mark}cacertfile={}", trusted.display());

    let bus = Bus::connect(&named, "bus-test-tls.", []).unwrap();
    within(60, "connect by TLS", bus.connected()).await;
    bus.remove_everything().await.unwrap();

    // Nobody else vouches for it.
    let distrusting = Bus::connect(&bare, "bus-test-tls.", []).unwrap();
    eventually(20, "it tried", async || !distrusting.is_connected()).await;
    let tried = tokio::time::timeout(std::time::Duration::from_secs(3), distrusting.connected());
    assert!(
        tried.await.is_err(),
        "a certificate that nobody vouches for"
    );

    let missing = format!("{bare}{mark}cacertfile=/nowhere/signer.pem");
    let error = Bus::connect(&missing, "", []).unwrap_err().to_string();
    assert!(error.contains("/nowhere/signer.pem"), "{error}");
}

#[tokio::test]
async fn whom_to_trust_is_no_word_for_an_address_without_tls() {
    let url = "amqp://user:hunter2@localhost/?cacertfile=/nowhere/signer.pem";
    let error = Bus::connect(url, "", []).unwrap_err().to_string();
    assert!(error.contains("amqps://"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}
