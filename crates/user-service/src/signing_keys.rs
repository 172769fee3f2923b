//! The RSA keys that sign access tokens, and their public halves for everyone who checks one.
//!
//! A key is published before it signs, and verifies until the last token it signed is over: so that keys change and nobody
//! is signed out.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use audit::{Actor, Entry, Subject};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::Schema;
use db::{SystemPool, SystemTx, audited};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use moka::future::Cache;
use secrets::SecretBox;

use crate::storage::signing_keys::{self, SigningKey};

/// How long others may keep the public keys.
pub const JWKS_AGE: Duration = Duration::from_secs(300);

/// How long a process goes on with the keys it read, when it does not hear that there are others.
const KEPT: Duration = Duration::from_secs(60);

/// So long a key is published before it signs: by then nobody keeps a set without it, whoever serves it.
const AHEAD: TimeDelta = TimeDelta::seconds(600);

/// Tokens of a key are waited for this much longer than they live: clocks differ, and processes keep what they read.
const LINGERING: TimeDelta = TimeDelta::seconds(900);

/// How long keys and what they sign live.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// After so long a key is followed by another.
    pub key: TimeDelta,
    /// Life of an access token.
    pub token: TimeDelta,
}

/// How the next key takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Published first; those before go on until the last token they signed is over. Nobody notices.
    Announced,
    /// At once, and those before verify nothing any more: access tokens must be renewed, which refresh tokens do.
    AtOnce,
}

/// The keys of an installation; cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    pool: SystemPool,
    seal: SecretBox,
    lives: Lives,
    read: Cache<(), Arc<Active>>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKeys")
    }
}

/// What is in force.
pub struct Active {
    /// Those that sign, now or later; the newest first.
    signers: Vec<Signer>,
    /// The public halves of all keys that are not retired, as an RFC 7517 set.
    pub jwks_json: String,
}

/// A key that signs.
pub struct Signer {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its private half.
    pub signing: EncodingKey,
    from: DateTime<Utc>,
}

impl Active {
    /// The key that signs at this time.
    ///
    /// # Errors
    /// When there is none.
    pub fn signer(&self, now: DateTime<Utc>) -> anyhow::Result<&Signer> {
        let due = self.signers.iter().find(|signer| signer.from <= now);
        // A clock that is behind must not keep anybody out.
        due.or_else(|| self.signers.last())
            .context("there is no signing key")
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// Whether it does now.
    pub signs: bool,
}

impl Known {
    fn of(key: &SigningKey, signer: Option<&str>) -> Self {
        Self {
            kid: key.kid.clone(),
            created_at: key.created_at,
            signs_from: key.signs_from,
            signs: signer == Some(&key.kid),
        }
    }
}

impl SigningKeys {
    /// The keys in the database; the first process of an installation makes one.
    ///
    /// # Errors
    /// When the database fails or the key does not open with this master key.
    pub async fn open(pool: SystemPool, seal: SecretBox, lives: Lives) -> anyhow::Result<Self> {
        let read = Cache::builder().max_capacity(1).time_to_live(KEPT).build();
        let keys = Self {
            pool,
            seal,
            lives,
            read,
        };
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

    /// Reads them anew the next time.
    pub async fn forget(&self) {
        self.read.invalidate(&()).await;
    }

    async fn load(&self) -> anyhow::Result<Active> {
        let tx = SystemTx::begin(&self.pool).await?;
        let keys = signing_keys::active(&tx).await?;
        tx.commit().await?;
        let now = Utc::now();
        let mut signers = Vec::new();
        for key in &keys {
            let private = self
                .seal
                .open(&key.sealed_private, context(&key.kid))
                .context(
                    "the signing key does not open: is secrets.master_key the one it was sealed with?",
                )?;
            signers.push(Signer {
                kid: key.kid.clone(),
                signing: encoding_key(&private)?,
                from: key.signs_from,
            });
            // Those before it have signed their last.
            if key.signs_from <= now {
                break;
            }
        }
        anyhow::ensure!(!signers.is_empty(), "there is no signing key");
        let public: Vec<_> = keys.iter().map(|key| &key.public_jwk).collect();
        Ok(Active {
            signers,
            jwks_json: serde_json::json!({ "keys": public }).to_string(),
        })
    }

    async fn ensure_one(&self) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        signing_keys::lock(&tx).await?;
        if signing_keys::active(&tx).await?.is_empty() {
            let now = Utc::now();
            let key = self.make(now, now).await?;
            signing_keys::insert(&tx, &key).await?;
            tracing::info!(kid = key.kid, "made the first signing key");
        }
        tx.commit().await?;
        Ok(())
    }

    async fn make(
        &self,
        now: DateTime<Utc>,
        signs_from: DateTime<Utc>,
    ) -> anyhow::Result<SigningKey> {
        let seal = self.seal.clone();
        // Finding primes takes a good part of a second.
        tokio::task::spawn_blocking(move || generate(&seal, now, signs_from)).await?
    }

    /// The keys that verify, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, now: DateTime<Utc>) -> anyhow::Result<Vec<Known>> {
        let tx = SystemTx::begin(&self.pool).await?;
        let keys = signing_keys::active(&tx).await?;
        tx.commit().await?;
        let signer = signer(&keys, now);
        Ok(keys.iter().map(|key| Known::of(key, signer)).collect())
    }

    /// Makes the next key, or says which one is on its way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rotate(
        &self,
        rotation: Rotation,
        by: Actor,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Known> {
        let tx = SystemTx::begin(&self.pool).await?;
        signing_keys::lock(&tx).await?;
        let key = match rotation {
            Rotation::Announced => {
                let keys = signing_keys::active(&tx).await?;
                match keys.into_iter().find(|key| key.signs_from > now) {
                    Some(coming) => coming,
                    None => {
                        let key = self.make(now, now + AHEAD).await?;
                        signing_keys::insert(&tx, &key).await?;
                        tell(&tx, by, rotation, &key).await?;
                        key
                    }
                }
            }
            Rotation::AtOnce => {
                let key = self.make(now, now).await?;
                signing_keys::insert(&tx, &key).await?;
                signing_keys::retire_others(&tx, &key.kid, now).await?;
                tell(&tx, by, rotation, &key).await?;
                key
            }
        };
        tx.commit().await?;
        self.forget().await;
        tracing::info!(kid = key.kid, signs_from = %key.signs_from, ?rotation, "signing keys rotate");
        let signs = rotation == Rotation::AtOnce;
        Ok(Known::of(&key, signs.then_some(key.kid.as_str())))
    }

    /// Rotates when the newest key is old enough, and retires those whose last token is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_after(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        let before = now - self.lives.token - LINGERING;
        let retired = signing_keys::retire_replaced(&tx, before, now).await?;
        let newest = signing_keys::active(&tx).await?.into_iter().next();
        tx.commit().await?;
        if retired > 0 {
            tracing::info!(retired, "signing keys retire");
            self.forget().await;
        }
        // It takes over when the one before has had its time.
        if newest.is_some_and(|key| key.signs_from + self.lives.key - AHEAD <= now) {
            self.rotate(Rotation::Announced, Actor::SYSTEM, now).await?;
        }
        Ok(())
    }
}

/// A line of the installation's audit log about a key that somebody made.
async fn tell(
    tx: &SystemTx,
    by: Actor,
    rotation: Rotation,
    key: &SigningKey,
) -> anyhow::Result<()> {
    let subject = Subject::new("signing_key", &key.kid);
    let mut line = Entry::by(by, "rotate_signing_key", None, subject);
    let at_once = rotation == Rotation::AtOnce;
    line.details.insert("at_once".to_owned(), at_once.into());
    audited::append(&mut *tx.sqlx().await, Schema::Identity, vec![line]).await?;
    Ok(())
}

/// Which of them signs at this time; they come newest first.
fn signer(keys: &[SigningKey], now: DateTime<Utc>) -> Option<&str> {
    let due = keys.iter().find(|key| key.signs_from <= now);
    due.or_else(|| keys.last()).map(|key| key.kid.as_str())
}

/// A new RSA-2048 key pair, its private half sealed.
fn generate(
    seal: &SecretBox,
    created_at: DateTime<Utc>,
    signs_from: DateTime<Utc>,
) -> anyhow::Result<SigningKey> {
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
        created_at,
        signs_from,
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
        let key = generate(&seal, Utc::now(), Utc::now()).unwrap();
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
