//! The RSA keys that sign access tokens, and their public halves for everyone who checks one.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::{SystemPool, SystemTx};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use moka::future::Cache;
use secrets::SecretBox;

use crate::storage::signing_keys::{self, SigningKey};

/// How long a process goes on with the keys it read: a new or retired one is noticed within this.
const KEPT: Duration = Duration::from_secs(60);

/// The keys of an installation; cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    pool: SystemPool,
    seal: SecretBox,
    read: Cache<(), Arc<Active>>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKeys")
    }
}

/// What is in force.
pub struct Active {
    /// RFC 7638 thumbprint of the key that signs.
    pub kid: String,
    /// The key that signs.
    pub signing: EncodingKey,
    /// The public halves of all keys that are not retired, as an RFC 7517 set.
    pub jwks_json: String,
}

impl SigningKeys {
    /// The keys in the database; the first process of an installation makes one.
    ///
    /// # Errors
    /// When the database fails or the key does not open with this master key.
    pub async fn open(pool: SystemPool, seal: SecretBox) -> anyhow::Result<Self> {
        let read = Cache::builder().max_capacity(1).time_to_live(KEPT).build();
        let keys = Self { pool, seal, read };
        keys.ensure_one()
            .await
            .context("make the first signing key")?;
        keys.active().await?;
        Ok(keys)
    }

    /// The keys in force.
    ///
    /// # Errors
    /// When the database fails or the newest key does not open.
    pub async fn active(&self) -> anyhow::Result<Arc<Active>> {
        let read = self
            .read
            .try_get_with((), async { self.load().await.map(Arc::new) });
        read.await
            .map_err(|error: Arc<anyhow::Error>| anyhow::anyhow!("{error:#}"))
    }

    async fn load(&self) -> anyhow::Result<Active> {
        let tx = SystemTx::begin(&self.pool).await?;
        let keys = signing_keys::active(&tx).await?;
        tx.commit().await?;
        let newest = keys.first().context("there is no signing key")?;
        let private = self
            .seal
            .open(&newest.sealed_private, context(&newest.kid))
            .context(
                "the signing key does not open: is secrets.master_key the one it was sealed with?",
            )?;
        let public: Vec<_> = keys.iter().map(|key| &key.public_jwk).collect();
        Ok(Active {
            kid: newest.kid.clone(),
            signing: encoding_key(&private)?,
            jwks_json: serde_json::json!({ "keys": public }).to_string(),
        })
    }

    async fn ensure_one(&self) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        signing_keys::lock(&tx).await?;
        if signing_keys::active(&tx).await?.is_empty() {
            let seal = self.seal.clone();
            // Finding primes takes a good part of a second.
            let key = tokio::task::spawn_blocking(move || generate(&seal)).await??;
            signing_keys::insert(&tx, &key).await?;
            tracing::info!(kid = key.kid, "made the first signing key");
        }
        tx.commit().await?;
        Ok(())
    }
}

/// A new RSA-2048 key pair, its private half sealed.
fn generate(seal: &SecretBox) -> anyhow::Result<SigningKey> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow::anyhow!("no RSA key"))?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| anyhow::anyhow!("no PKCS#8"))?;
    let mut jwk = Jwk::from_encoding_key(&encoding_key(private.as_ref())?, Algorithm::RS256)?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(SigningKey {
        sealed_private: seal.seal(private.as_ref(), context(&kid))?,
        public_jwk: serde_json::to_value(&jwk)?,
        kid,
    })
}

/// PKCS#8 as jsonwebtoken wants it: it reads that from PEM only.
fn encoding_key(pkcs8: &[u8]) -> anyhow::Result<EncodingKey> {
    let body = STANDARD.encode(pkcs8);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for at in (0..body.len()).step_by(64) {
        pem.push_str(&body[at..body.len().min(at + 64)]);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(EncodingKey::from_rsa_pem(pem.as_bytes())?)
}

/// Binds a sealed key to its row.
fn context(kid: &str) -> String {
    format!("signing_key:{kid}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use jsonwebtoken::{DecodingKey, Header, Validation, decode, encode};
    use secrets::MasterKey;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_key_opens_and_its_public_half_verifies() {
        let seal = SecretBox::new(MasterKey::from([3; 32]));
        let key = generate(&seal).unwrap();
        assert_eq!(key.public_jwk["kid"], key.kid.as_str());
        assert_eq!(key.public_jwk["alg"], "RS256");
        assert_eq!(key.public_jwk["use"], "sig");
        assert_eq!(key.public_jwk["e"], "AQAB");
        assert!(key.public_jwk.get("d").is_none(), "no private part");

        let private = seal.open(&key.sealed_private, context(&key.kid)).unwrap();
        let claims = json!({ "exp": 4_000_000_000_u32 });
        let token = encode(
            &Header::new(Algorithm::RS256),
            &claims,
            &encoding_key(&private).unwrap(),
        )
        .unwrap();
        let jwk: Jwk = serde_json::from_value(key.public_jwk).unwrap();
        let public = DecodingKey::from_jwk(&jwk).unwrap();
        let read = decode::<serde_json::Value>(&token, &public, &Validation::new(Algorithm::RS256));
        assert_eq!(read.unwrap().claims, claims);
    }
}
