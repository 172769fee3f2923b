//! From a credential to a caller.

use std::{fmt, sync::Arc};

use chrono::Utc;
use http::{HeaderMap, HeaderValue, Uri, header};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};

use super::{
    API_KEY_HEADER, Actor, Claims, GrpcIdentity, IdentityLookup, Principal, api_keys::ApiKeys,
    host::tenant_label, keys::SigningKeys, standing::Standings, tokens::Tokens,
};
use crate::ApiError;

/// Difference of clocks that is forgiven, in seconds.
pub(super) const LEEWAY_SECONDS: u64 = 30;

/// What tokens and hosts have to say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `auth.issuer` of the configuration.
    pub issuer: String,
    /// `auth.audience` of the configuration.
    pub audience: String,
    /// `http.base_domains` of the configuration.
    pub base_domains: Vec<String>,
}

/// Tells who is calling; cheap to clone. Put it into the router as an `Extension`.
#[derive(Clone)]
pub struct Authenticator {
    shared: Arc<Shared>,
}

struct Shared {
    validation: Validation,
    base_domains: Vec<String>,
    signing_keys: SigningKeys,
    tokens: Tokens,
    api_keys: ApiKeys,
    standings: Standings,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Asks `lookup` for keys; what it says is kept for seconds.
    pub fn new(lookup: Arc<dyn IdentityLookup>, settings: Settings) -> Self {
        // Pinned: the algorithm a token names is never believed.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[settings.issuer]);
        validation.set_audience(&[settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = LEEWAY_SECONDS;
        Self {
            shared: Arc::new(Shared {
                validation,
                base_domains: settings.base_domains,
                signing_keys: SigningKeys::new(Arc::clone(&lookup)),
                tokens: Tokens::default(),
                api_keys: ApiKeys::new(Arc::clone(&lookup)),
                standings: Standings::new(lookup),
            }),
        }
    }

    /// Asks user-service over this channel (`peers.user`).
    pub fn over_grpc(channel: rpc::Channel, settings: Settings) -> Self {
        Self::new(Arc::new(GrpcIdentity::new(channel)), settings)
    }

    /// Who sends a request with these headers to this address.
    ///
    /// # Errors
    /// 401 without a valid credential, 403 when the host names another tenant or the tenant is closed, 503 when the
    /// identity service is away.
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> Result<Principal, ApiError> {
        let principal = match (
            headers.get(header::AUTHORIZATION),
            headers.get(API_KEY_HEADER),
        ) {
            (Some(value), _) => self.bearer(value).await?,
            (None, Some(value)) => self.api_key(value).await?,
            (None, None) => return Err(ApiError::unauthenticated(NO_CREDENTIAL)),
        };
        let host = headers
            .get(header::HOST)
            .and_then(|value| value.to_str().ok());
        // HTTP/2 names the host in the address.
        let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
        let named = host.and_then(|host| tenant_label(host, &self.shared.base_domains));
        match named {
            Some(slug) if !slug.eq_ignore_ascii_case(&principal.tenant_slug) => {
                Err(ApiError::denied(
                    "This credential belongs to another tenant than the host name. Use the host \
                     of your own tenant.",
                ))
            }
            _ => {
                let standing = self.shared.standings.of(principal.tenant_id).await;
                let standing = standing.map_err(ApiError::unavailable)?;
                standing.admit(&principal, uri.path())?;
                Ok(principal)
            }
        }
    }

    async fn bearer(&self, value: &HeaderValue) -> Result<Principal, ApiError> {
        let token = value
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| ApiError::unauthenticated(NO_CREDENTIAL))?;
        if let Some(known) = self.shared.tokens.find(token).await {
            return Ok(known);
        }
        let bad = || ApiError::unauthenticated(BAD_TOKEN);
        let head = decode_header(token).map_err(|cause| bad().with_source(cause))?;
        let key_id = head.kid.ok_or_else(bad)?;
        if head.alg != Algorithm::RS256 {
            return Err(bad());
        }
        let key = self
            .shared
            .signing_keys
            .find(&key_id)
            .await
            .map_err(ApiError::unavailable)?;
        let key = key.ok_or_else(bad)?;
        let claims = decode::<Claims>(token, &key, &self.shared.validation)
            .map_err(|cause| match cause.kind() {
                ErrorKind::ExpiredSignature => ApiError::unauthenticated(EXPIRED_TOKEN),
                _ => bad().with_source(cause),
            })?
            .claims;
        let principal = Principal {
            tenant_id: claims.tid,
            tenant_slug: claims.tsl,
            actor: Actor::User {
                id: claims.sub,
                role: claims.role,
                session_id: claims.sid,
            },
        };
        self.shared
            .tokens
            .keep(token, principal.clone(), claims.exp)
            .await;
        Ok(principal)
    }

    async fn api_key(&self, value: &HeaderValue) -> Result<Principal, ApiError> {
        let bad = || ApiError::unauthenticated(BAD_KEY);
        let text = value.to_str().map_err(|_| bad())?;
        let record = self
            .shared
            .api_keys
            .find(text)
            .await
            .map_err(ApiError::unavailable)?;
        // The answer may have been kept past the key's end.
        let record = record
            .filter(|record| record.expires_at.is_none_or(|end| end > Utc::now()))
            .ok_or_else(bad)?;
        Ok(Principal {
            tenant_id: record.tenant_id,
            tenant_slug: record.tenant_slug.clone(),
            actor: Actor::ApiKey {
                id: record.key_id,
                scopes: record.scopes.clone(),
            },
        })
    }
}

const NO_CREDENTIAL: &str = "Send `Authorization: Bearer <access token>` or `X-API-Key: <key>`.";
const BAD_TOKEN: &str =
    "The access token is not valid here. Sign in again with POST /api/v1/auth/login.";
const EXPIRED_TOKEN: &str =
    "The access token has expired. Get a new one with POST /api/v1/auth/refresh.";
const BAD_KEY: &str =
    "The API key is unknown, expired or revoked. Create one with POST /api/v1/api-keys.";
