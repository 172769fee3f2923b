//! Access tokens (RS256 JWT, minutes) and refresh tokens (random, once each).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http_kit::auth::{Claims, Role};
use jsonwebtoken::{Algorithm, Header, encode};
use uuid::Uuid;

use crate::signing_keys::{Active, SigningKeys};

/// What tokens say and how long they live.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token.
    pub access: TimeDelta,
    /// Life of a refresh token.
    pub refresh: TimeDelta,
}

/// Makes tokens; cheap enough to clone.
#[derive(Debug, Clone)]
pub struct Tokens {
    keys: SigningKeys,
    settings: TokenSettings,
}

/// Whom an access token is for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The person.
    pub user_id: Uuid,
    /// The tenant.
    pub tenant_id: Uuid,
    /// The tenant's slug.
    pub tenant_slug: &'a str,
    /// What the person is there.
    pub role: Role,
    /// The sign-in.
    pub session_id: Uuid,
}

/// What a sign-in answers.
#[derive(Clone)] // no Debug: it is a credential
pub struct TokenPair {
    /// For `Authorization: Bearer`.
    pub access: String,
    /// For one exchange.
    pub refresh: RefreshToken,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
    /// Life of the refresh token, in seconds.
    pub refresh_expires_in: i64,
}

/// A refresh token; the database keeps its digest only.
#[derive(Clone)]
pub struct RefreshToken(String);

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshToken(..)")
    }
}

impl RefreshToken {
    /// 32 random bytes as base64url.
    fn generate() -> Self {
        Self(secrets::random_token(32))
    }

    /// The token as a client sent it.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token for its holder.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        secrets::sha256(&self.0)
    }
}

impl Tokens {
    /// Signs with that of `keys` whose time it is.
    #[must_use]
    pub const fn new(keys: SigningKeys, settings: TokenSettings) -> Self {
        Self { keys, settings }
    }

    /// The keys that sign.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self) -> anyhow::Result<Arc<Active>> {
        self.keys.active().await
    }

    /// A new pair.
    ///
    /// # Errors
    /// When there is no key to sign with.
    pub fn pair(
        &self,
        keys: &Active,
        subject: Subject<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<TokenPair> {
        let signer = keys.signer(now)?;
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: subject.user_id,
            tid: subject.tenant_id,
            tsl: subject.tenant_slug.to_owned(),
            role: subject.role,
            sid: subject.session_id,
            iat: now.timestamp(),
            exp: (now + self.settings.access).timestamp(),
            jti: Uuid::now_v7(),
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(signer.kid.clone());
        Ok(TokenPair {
            access: encode(&header, &claims, &signer.signing)?,
            refresh: RefreshToken::generate(),
            expires_in: self.settings.access.num_seconds(),
            refresh_expires_in: self.settings.refresh.num_seconds(),
        })
    }

    /// When a refresh token made at `now` stops working.
    #[must_use]
    pub fn refresh_expiry(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.settings.refresh
    }
}
