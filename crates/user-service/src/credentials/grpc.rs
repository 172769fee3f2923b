//! `bellwether.identity.v1.Credentials`.

use std::time::Duration;

use audit::Actor;
use chrono::{DateTime, Utc};
use contracts::identity::v1::credential_change::{Member, What};
use contracts::identity::v1::credentials_server::Credentials;
use contracts::identity::v1::{
    CheckSessionRequest, CheckSessionResponse, CredentialChange, ListSigningKeysRequest,
    ListSigningKeysResponse, NoteKeyUsesRequest, NoteKeyUsesResponse, RotateSigningKeyRequest,
    RotateSigningKeyResponse, SigningKey, WatchChangesRequest,
};
use futures::stream::{self, BoxStream, StreamExt};
use http_kit::ApiError;
use http_kit::auth::{Change, IdentityLookup, KeyUse};
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::grpc::ADMITTED;
use crate::identity::Identity;
use crate::signing_keys::{Known, Rotation};

/// So often a word is sent when there is nothing to say.
const BEAT: Duration = Duration::from_secs(2);

pub(crate) struct CredentialsGrpc(pub(crate) Identity);

#[tonic::async_trait]
impl Credentials for CredentialsGrpc {
    async fn check_session(
        &self,
        request: Request<CheckSessionRequest>,
    ) -> Result<Response<CheckSessionResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let CheckSessionRequest {
            tenant_id,
            session_id,
        } = request.into_inner();
        let session = self.0.session(id(&tenant_id)?, id(&session_id)?);
        let session = session.await.map_err(ApiError::unavailable)?;
        let answer = session.map_or_else(CheckSessionResponse::default, |session| {
            CheckSessionResponse {
                live: true,
                user_id: session.user_id.to_string(),
                role: session.role.as_str().to_owned(),
                tenant_slug: session.tenant_slug,
            }
        });
        Ok(Response::new(answer))
    }

    type WatchChangesStream = BoxStream<'static, Result<CredentialChange, Status>>;

    async fn watch_changes(
        &self,
        request: Request<WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let changes = self.0.feed().follow();
        let changes = changes.ok_or_else(|| Status::unavailable("changes are not heard now"))?;
        let words = stream::unfold(changes, async |mut changes| {
            match tokio::time::timeout(BEAT, changes.next()).await {
                Ok(change) => Some((word(Some(change?)), changes)),
                Err(_) => Some((word(None), changes)),
            }
        });
        let first = stream::once(async { word(None) });
        Ok(Response::new(first.chain(words).map(Ok).boxed()))
    }

    async fn note_key_uses(
        &self,
        request: Request<NoteKeyUsesRequest>,
    ) -> Result<Response<NoteKeyUsesResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let uses = request.into_inner().uses;
        let uses: Result<Vec<KeyUse>, Status> = uses
            .into_iter()
            .map(|used| {
                Ok(KeyUse {
                    tenant_id: id(&used.tenant_id)?,
                    key_id: id(&used.key_id)?,
                    at: DateTime::from_timestamp(used.at_unix, 0)
                        .ok_or_else(|| Status::invalid_argument("at_unix is out of range"))?,
                })
            })
            .collect();
        let noted = self.0.note_uses(uses?).await;
        noted.map_err(ApiError::unavailable)?;
        Ok(Response::new(NoteKeyUsesResponse {}))
    }

    async fn list_signing_keys(
        &self,
        request: Request<ListSigningKeysRequest>,
    ) -> Result<Response<ListSigningKeysResponse>, Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let known = self.0.signing_keys().known(Utc::now()).await;
        let known = known.map_err(ApiError::unavailable)?;
        Ok(Response::new(ListSigningKeysResponse {
            keys: known.into_iter().map(SigningKey::from).collect(),
        }))
    }

    async fn rotate_signing_key(
        &self,
        request: Request<RotateSigningKeyRequest>,
    ) -> Result<Response<RotateSigningKeyResponse>, Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let rotation = if request.into_inner().at_once {
            Rotation::AtOnce
        } else {
            Rotation::Announced
        };
        let keys = self.0.signing_keys();
        let key = keys.rotate(rotation, Actor::OPERATOR, Utc::now()).await;
        let key = key.map_err(ApiError::unavailable)?;
        Ok(Response::new(RotateSigningKeyResponse {
            key: Some(key.into()),
        }))
    }
}

impl From<Known> for SigningKey {
    fn from(key: Known) -> Self {
        Self {
            kid: key.kid,
            created_at_unix: key.created_at.timestamp(),
            signs_from_unix: key.signs_from.timestamp(),
            signs: key.signs,
        }
    }
}

fn id(text: &str) -> Result<Uuid, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument("not an id"))
}

fn word(change: Option<Change>) -> CredentialChange {
    let what = change.map(|change| match change {
        Change::Session(id) => What::SessionId(id.to_string()),
        Change::Member { tenant_id, user_id } => What::Member(Member {
            tenant_id: tenant_id.to_string(),
            user_id: user_id.to_string(),
        }),
        Change::ApiKey(id) => What::ApiKeyId(id.to_string()),
        Change::Tenant(id) => What::TenantId(id.to_string()),
        Change::SigningKeys => What::SigningKeys(true),
        Change::Everything => What::Everything(true),
    });
    CredentialChange { what }
}
