use db::{Pools, SystemTx};
use devstack::testing::ROLE_SECRET;
use migrations::roles;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sea_orm::sqlx::{self, Connection, PgConnection};

use crate::migrated;

/// Gives the server a certificate: it reads its files anew when told to, and speaks both with TLS and without from then on.
async fn give(owner: &mut PgConnection, certificate: &str, key: &str) {
    for (name, text) in [("server.crt", certificate), ("server.key", key)] {
        // A statement does not see the object that it makes.
        let made: sqlx::postgres::types::Oid = sqlx::query_scalar("select lo_from_bytea(0, $1)")
            .bind(text.as_bytes())
            .fetch_one(&mut *owner)
            .await
            .expect("made");
        sqlx::query("select lo_export($1, $2)")
            .bind(made)
            .bind(name)
            .execute(&mut *owner)
            .await
            .expect("written");
    }
    for statement in [
        // It takes no key that others could read.
        "create temporary table told (line text)",
        "copy told from program 'chmod 600 server.key && echo done'",
        "alter system set ssl = on",
        "select pg_reload_conf()",
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut *owner)
            .await
            .expect("configured");
    }
}

#[tokio::test]
async fn an_address_may_ask_for_tls_and_for_whom_to_trust() {
    let signer_key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = params.self_signed(&signer_key).expect("signed").pem();
    let stranger_key = KeyPair::generate().expect("a key");
    let stranger = params.self_signed(&stranger_key).expect("signed").pem();
    let issuer = Issuer::new(params, signer_key);
    let key = KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let own = CertificateParams::new(names)
        .and_then(|params| params.signed_by(&key, &issuer))
        .expect("signed");

    let env = migrated().await;
    let mut owner = PgConnection::connect(&env.database_url)
        .await
        .expect("the owner");
    give(&mut owner, &own.pem(), &key.serialize_pem()).await;

    let folder = tempfile::tempdir().expect("a folder");
    let asking = |signer: &str, name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, signer).expect("written");
        let mut url: url::Url = env.database_url.parse().expect("an address");
        url.query_pairs_mut()
            .append_pair("sslmode", "verify-full")
            .append_pair("sslrootcert", &path.to_string_lossy());
        url.to_string()
    };
    let pools = async |admin: String| {
        // What derives a service's logins keeps how the server is to be asked.
        let url = |login: roles::Login| login.url(&admin, ROLE_SECRET).expect("an address");
        Pools::connect(&url(roles::CATALOG_API), 1, &url(roles::CATALOG_SYSTEM), 1).await
    };
    let mut trusted = pools(asking(&signer, "signer.pem")).await;
    // The server takes a moment to read its configuration.
    for _ in 0..100 {
        if trusted.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        trusted = pools(asking(&signer, "signer.pem")).await;
    }
    let trusted = trusted.expect("a server that one trusts");
    let tx = SystemTx::begin(&trusted.system).await.expect("begins");
    let encrypted: bool =
        sqlx::query_scalar("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
            .fetch_one(&mut *tx.sqlx().await)
            .await
            .expect("an answer");
    assert!(encrypted);
    let distrusted = pools(asking(&stranger, "stranger.pem")).await;
    assert!(
        distrusted.is_err(),
        "a server that somebody else vouches for"
    );
}
