//! From a credential to a caller.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use tokio::sync::broadcast;

use super::{
    API_KEY_HEADER, Actor, Change, Claims, GrpcIdentity, IdentityLookup, Principal, Refusal,
    RefusalKind, Refusals, SessionRecord,
    api_keys::{Answer, ApiKeys, Key},
    believed::{self, Believed, Heard},
    checked::{Checked, Shown},
    cookies::{self, ACCESS_COOKIE, check_same_origin},
    host::tenant_label,
    keys::SigningKeys,
    refusals::{Desk, Origin},
    refused::{Owner, Proven, Refused, Refusing, Told},
    standing::{Standings, Stands},
};
use crate::{ApiError, ClientAddress};

/// Difference of clocks that is forgiven, in seconds.
const LEEWAY_SECONDS: i64 = 30;

/// Ours have less than 1,000 characters.
const LONGEST_TOKEN: usize = 8_192;

/// Changes that one who waits for the end of a credential may be behind.
const CHANGES: usize = 1_024;

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

/// Tells who is calling; cheap to clone. Put it into the router as an `Extension`, and let
/// [`follow`](Self::follow) run, so that it hears of what ended.
#[derive(Clone)]
pub struct Authenticator {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) lookup: Arc<dyn IdentityLookup>,
    validation: Validation,
    base_domains: Vec<String>,
    pub(super) heard: Arc<Heard>,
    /// For those whose answers go on while credentials end.
    pub(super) changes: broadcast::Sender<Change>,
    pub(super) signing_keys: SigningKeys,
    pub(super) tokens: Shown<SessionRecord>,
    pub(super) keys: Shown<Key>,
    pub(super) sessions: Believed<uuid::Uuid, SessionRecord>,
    pub(super) api_keys: ApiKeys,
    pub(super) standings: Standings,
    pub(super) refusals: Desk,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Asks `lookup` about credentials; what it says is kept for seconds.
    pub fn new(lookup: Arc<dyn IdentityLookup>, settings: Settings) -> Self {
        // Pinned: the algorithm a token names is never believed.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[settings.issuer]);
        validation.set_audience(&[settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Looked at here, after the signature: only so it is certain whose token is too old.
        validation.validate_exp = false;
        let heard = Arc::new(Heard::default());
        Self {
            shared: Arc::new(Shared {
                validation,
                base_domains: settings.base_domains,
                signing_keys: SigningKeys::new(Arc::clone(&lookup)),
                tokens: Shown::default(),
                keys: Shown::default(),
                sessions: Believed::new(Arc::clone(&heard)),
                api_keys: ApiKeys::new(Arc::clone(&lookup), Arc::clone(&heard)),
                standings: Standings::new(Arc::clone(&lookup), Arc::clone(&heard)),
                refusals: Desk::default(),
                changes: broadcast::channel(CHANGES).0,
                heard,
                lookup,
            }),
        }
    }

    /// Asks user-service over this channel (`peers.user`).
    pub fn over_grpc(channel: rpc::Channel, settings: Settings) -> Self {
        Self::new(Arc::new(GrpcIdentity::new(channel)), settings)
    }

    /// Has refused credentials written down there instead of the log; only the first time counts.
    pub fn tell_refusals(&self, sink: Arc<dyn Refusals>) {
        self.shared.refusals.send_to(sink);
    }

    /// Counts a refused credential and passes it on. For those that are refused elsewhere than here.
    pub fn refused(
        &self,
        kind: RefusalKind,
        tenant_id: Option<uuid::Uuid>,
        subject: Option<uuid::Uuid>,
        origin: Origin,
    ) {
        self.shared.refusals.take(Refusal {
            kind,
            at: Utc::now(),
            tenant_id,
            subject,
            origin,
        });
    }

    /// Who sends this request.
    ///
    /// # Errors
    /// 401 without a valid credential; 403 when it may not be used from there, its tenant may not work, the host names
    /// another tenant, or a cookie comes from another site; 503 when the identity service is away.
    pub async fn authenticate(&self, parts: &Parts) -> Result<Principal, ApiError> {
        match self.identify(parts).await {
            Ok(principal) => Ok(principal),
            Err(refusing) => {
                let Refusing { kind, owner, error } = *refusing;
                // A middleware of the same request may have told already.
                if let Some(kind) = kind
                    && parts.extensions.get::<Told>().is_none()
                {
                    let (tenant_id, subject) =
                        (owner.map(|of| of.tenant_id), owner.map(|of| of.id));
                    self.refused(kind, tenant_id, subject, Origin::of(parts));
                }
                if let (Some(owner), Some(proven)) = (owner, parts.extensions.get::<Proven>()) {
                    proven.note(owner);
                }
                Err(error)
            }
        }
    }

    async fn identify(&self, parts: &Parts) -> Result<Principal, Refused> {
        let headers = &parts.headers;
        match (
            headers.get(header::AUTHORIZATION),
            headers.get(API_KEY_HEADER),
        ) {
            (Some(value), _) => {
                let token = bearer(value).ok_or_else(no_credential)?;
                self.admit(&*self.token(token).await?, parts)
            }
            (None, Some(value)) => self.admit(&*self.api_key(value, parts).await?, parts),
            (None, None) => {
                let token = cookies::find(headers, ACCESS_COOKIE).ok_or_else(no_credential)?;
                let checked = self.token(token.as_bytes()).await?;
                check_same_origin(&parts.method, headers, &parts.uri).map_err(|error| {
                    Refusing::of(RefusalKind::CrossSite, error).about(&checked.principal)
                })?;
                self.admit(&checked, parts)
            }
        }
    }

    /// The caller, unless a good credential may not be used here or now.
    fn admit<P>(&self, checked: &Checked<P>, parts: &Parts) -> Result<Principal, Refused> {
        let principal = &checked.principal;
        match self.named_tenant(&parts.headers, &parts.uri) {
            Some(slug) if !slug.eq_ignore_ascii_case(&principal.tenant_slug) => {
                let error = ApiError::denied(OTHER_TENANT);
                Err(Refusing::of(RefusalKind::OtherTenant, error).about(principal))
            }
            _ => {
                let standing = &checked.standing.value.standing;
                let admitted = standing.admit(principal, parts.uri.path());
                admitted.map_err(|error| Refused::from(error).about(principal))?;
                Ok(principal.clone())
            }
        }
    }

    async fn standing(
        &self,
        tenant_id: uuid::Uuid,
    ) -> Result<Arc<believed::Told<Stands>>, ApiError> {
        let standing = self.shared.standings.of(tenant_id).await;
        standing.map_err(ApiError::unavailable)
    }

    /// The slug that a request's host names, if that is below a base domain.
    #[must_use]
    pub fn named_tenant<'a>(&self, headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
        let host = cookies::host(headers, uri);
        host.and_then(|host| tenant_label(host, &self.shared.base_domains))
    }

    async fn token(&self, token: &[u8]) -> Result<Arc<Checked<SessionRecord>>, Refused> {
        let now = Instant::now();
        match self.shared.tokens.find(token, now) {
            Some(known) => Ok(known),
            // Boxed: it is large, and nearly every request is answered without it.
            None => Box::pin(self.check_token(token, now)).await,
        }
    }

    async fn check_token(
        &self,
        token: &[u8],
        now: Instant,
    ) -> Result<Arc<Checked<SessionRecord>>, Refused> {
        let text = std::str::from_utf8(token).map_err(|_| bad_token())?;
        let claims = self.claims(text).await?;
        let Claims {
            sub,
            tid,
            sid,
            role,
            ..
        } = claims;
        let whose = |kind, why: &'static str| {
            let error = ApiError::unauthenticated(why);
            Refusing::of(kind, error).about(Owner::user(tid, sub))
        };
        let left = claims
            .exp
            .saturating_add(LEEWAY_SECONDS)
            .saturating_sub(Utc::now().timestamp());
        let left = u64::try_from(left).unwrap_or_default();
        if left == 0 {
            return Err(whose(RefusalKind::Expired, EXPIRED_TOKEN));
        }
        let sessions = &self.shared.sessions;
        let ask = async || {
            let found = sessions.find(sid, || self.shared.lookup.session(tid, sid));
            let found = found.await.map_err(ApiError::unavailable)?;
            found
                .filter(|session| session.value.user_id == sub && session.value.tenant_id == tid)
                .ok_or_else(|| whose(RefusalKind::SessionEnded, ENDED_SESSION))
        };
        let mut session = ask().await?;
        let agrees = session.value.role == role && session.value.tenant_slug == claims.tsl;
        if !agrees && is_signed_since(session.at, claims.iat) {
            // The token is the newer word; whoever hears of changes late must not refuse it for that.
            session.outdate();
            session = ask().await?;
        }
        if session.value.role != role {
            return Err(whose(RefusalKind::SessionEnded, OTHER_ROLE));
        }
        if session.value.tenant_slug != claims.tsl {
            let error = ApiError::unauthenticated(OTHER_SLUG);
            return Err(Refused::from(error).about(Owner::user(tid, sub)));
        }
        let standing = self.standing(tid).await?;
        let principal = Principal {
            tenant_id: tid,
            tenant_slug: claims.tsl.into(),
            actor: Actor::User {
                id: sub,
                role,
                session_id: sid,
            },
        };
        let left = Some(Duration::from_secs(left));
        let checked = Arc::new(Checked::new(principal, session, standing, left, now));
        self.shared.tokens.keep(token, Arc::clone(&checked), now);
        Ok(checked)
    }

    /// What a token says, once its signature is checked.
    async fn claims(&self, token: &str) -> Result<Claims, Refused> {
        if token.len() > LONGEST_TOKEN {
            return Err(bad_token());
        }
        let head = decode_header(token).map_err(|cause| bad_token().because(cause))?;
        let key_id = head.kid.ok_or_else(bad_token)?;
        if head.alg != Algorithm::RS256 {
            return Err(bad_token());
        }
        let key = self
            .shared
            .signing_keys
            .find(&key_id)
            .await
            .map_err(ApiError::unavailable)?
            .ok_or_else(bad_token)?;
        let decoded = decode::<Claims>(token, &key, &self.shared.validation);
        Ok(decoded.map_err(|cause| bad_token().because(cause))?.claims)
    }

    async fn api_key(
        &self,
        value: &HeaderValue,
        parts: &Parts,
    ) -> Result<Arc<Checked<Key>>, Refused> {
        let (text, now) = (value.as_bytes(), Instant::now());
        let checked = match self.shared.keys.find(text, now) {
            Some(known) => known,
            // Boxed as for tokens.
            None => Box::pin(self.check_key(text, now)).await?,
        };
        let key = &checked.proof.value;
        if key.is_bound() {
            let address = ClientAddress::of(parts).0;
            if !key.allows(address) {
                let error = ApiError::denied(format!(
                    "This API key may not be used from {address}. Use it from an address of its list, or make a key \
                     for this one."
                ));
                return Err(Refusing::of(RefusalKind::Address, error).about(&checked.principal));
            }
        }
        self.shared.api_keys.note_use(key, Utc::now);
        Ok(checked)
    }

    async fn check_key(&self, text: &[u8], now: Instant) -> Result<Arc<Checked<Key>>, Refused> {
        let bad = |kind| Refusing::of(kind, ApiError::unauthenticated(BAD_KEY));
        let keys = &self.shared.api_keys;
        let key = keys
            .find(text)
            .await
            .map_err(ApiError::unavailable)?
            .ok_or_else(|| bad(RefusalKind::UnknownKey))?;
        let ended = |tenant_id, key_id| {
            bad(RefusalKind::RevokedKey).about(Owner::api_key(tenant_id, key_id))
        };
        let record = match &key.value.answer {
            Answer::Works(record) => record,
            Answer::Ended { tenant_id, key_id } => return Err(ended(*tenant_id, *key_id)),
        };
        // The answer may have been kept past the key's end.
        let left = match record.expires_at.map(|end| (end - Utc::now()).to_std()) {
            None => None,
            Some(Ok(left)) if !left.is_zero() => Some(left),
            Some(_) => return Err(ended(record.tenant_id, record.key_id)),
        };
        let standing = self.standing(record.tenant_id).await?;
        let principal = Principal {
            tenant_id: record.tenant_id,
            tenant_slug: record.tenant_slug.as_str().into(),
            actor: Actor::ApiKey {
                id: record.key_id,
                scopes: record.scopes.iter().copied().collect(),
            },
        };
        let checked = Arc::new(Checked::new(principal, key, standing, left, now));
        self.shared.keys.keep(text, Arc::clone(&checked), now);
        Ok(checked)
    }
}

/// Whether a token that was signed then, in Unix seconds, may be younger than an answer of `at`.
fn is_signed_since(at: Instant, signed: i64) -> bool {
    let age = Utc::now().timestamp().saturating_sub(signed);
    // Seconds are cut off.
    let age = u64::try_from(age).unwrap_or_default().saturating_sub(1);
    Duration::from_secs(age) <= at.elapsed()
}

/// The token of an `Authorization` header.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer ";
    let (scheme, token) = value.as_bytes().split_at_checked(SCHEME.len())?;
    scheme
        .eq_ignore_ascii_case(SCHEME)
        .then(|| token.trim_ascii())
}

/// Says nothing of anybody, so it is not told.
fn no_credential() -> Refused {
    ApiError::unauthenticated(NO_CREDENTIAL).into()
}

fn bad_token() -> Refused {
    Refusing::of(RefusalKind::BadToken, ApiError::unauthenticated(BAD_TOKEN))
}

const NO_CREDENTIAL: &str = "Send `Authorization: Bearer <access token>` or `X-API-Key: <key>`.";
const BAD_TOKEN: &str =
    "The access token is not valid here. Sign in again with POST /api/v1/auth/login.";
const EXPIRED_TOKEN: &str =
    "The access token has expired. Get a new one with POST /api/v1/auth/refresh.";
const ENDED_SESSION: &str =
    "The session of this access token has ended. Sign in again with POST /api/v1/auth/login.";
const OTHER_ROLE: &str =
    "Your role in this tenant has changed. Get a new access token with POST /api/v1/auth/refresh.";
const OTHER_SLUG: &str =
    "The tenant has another slug now. Get a new access token with POST /api/v1/auth/refresh.";
const OTHER_TENANT: &str = "This credential belongs to another tenant than the host name. Use the host of your own \
                            tenant.";
const BAD_KEY: &str =
    "The API key is unknown, expired or revoked. Create one with POST /api/v1/api-keys.";
