//! Identity over gRPC.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use contracts::identity::v1::{
    CheckSessionRequest, CredentialChange, GetJwksRequest, GetStandingRequest, NoteKeyUsesRequest,
    VerifyApiKeyRequest, WatchChangesRequest, credential_change::What,
    credentials_client::CredentialsClient, identity_client::IdentityClient,
    note_key_uses_request::Use, tenants_client::TenantsClient,
};
use futures::{StreamExt as _, stream, stream::BoxStream};
use tonic::Streaming;
use uuid::Uuid;

use super::{
    ApiKeyRecord, Change, IdentityLookup, Jwks, KeyAnswer, KeyUse, LookupError, SessionRecord,
    Standing,
};

/// A word comes every two seconds; after so long a silence the connection is lost.
const SILENCE: Duration = Duration::from_secs(6);

/// Asks user-service.
#[derive(Debug, Clone)]
pub struct GrpcIdentity {
    client: IdentityClient<rpc::Channel>,
    credentials: CredentialsClient<rpc::Channel>,
    tenants: TenantsClient<rpc::Channel>,
}

impl GrpcIdentity {
    /// Over this channel (`peers.user`).
    pub fn new(channel: rpc::Channel) -> Self {
        Self {
            client: IdentityClient::new(channel.clone()),
            credentials: CredentialsClient::new(channel.clone()),
            tenants: TenantsClient::new(channel),
        }
    }
}

#[async_trait]
impl IdentityLookup for GrpcIdentity {
    async fn jwks(&self) -> Result<Jwks, LookupError> {
        let answer = self.client.clone().get_jwks(GetJwksRequest {}).await;
        let answer = answer.map_err(LookupError::new)?.into_inner();
        let max_age = Duration::from_secs(answer.max_age_seconds.into());
        Ok(Jwks {
            json: answer.jwks_json,
            max_age,
        })
    }

    async fn api_key(&self, sha256: [u8; 32]) -> Result<KeyAnswer, LookupError> {
        let request = VerifyApiKeyRequest {
            key_sha256: sha256.to_vec(),
        };
        let answer = self.client.clone().verify_api_key(request).await;
        let answer = answer.map_err(LookupError::new)?.into_inner();
        if !answer.found && !answer.ended {
            return Ok(KeyAnswer::Unknown);
        }
        let tenant_id = id(&answer.tenant_id)?;
        let key_id = id(&answer.key_id)?;
        if !answer.found {
            return Ok(KeyAnswer::Ended { tenant_id, key_id });
        }
        // A scope of a newer release grants nothing here.
        let scopes = answer
            .scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        // A network that cannot be read must not make the list shorter, let alone empty.
        let allowed: Result<Vec<_>, _> = answer
            .allowed_addresses
            .iter()
            .map(|text| text.parse())
            .collect();
        Ok(KeyAnswer::Known(ApiKeyRecord {
            tenant_id,
            tenant_slug: answer.tenant_slug,
            key_id,
            scopes,
            expires_at: match answer.expires_at_unix {
                0 => None,
                unix => Some(
                    DateTime::from_timestamp(unix, 0)
                        .ok_or_else(|| LookupError::new("expires_at_unix is out of range"))?,
                ),
            },
            allowed: allowed.map_err(LookupError::new)?,
        }))
    }

    async fn session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
    ) -> Result<Option<SessionRecord>, LookupError> {
        let request = CheckSessionRequest {
            tenant_id: tenant_id.to_string(),
            session_id: session_id.to_string(),
        };
        let answer = self.credentials.clone().check_session(request).await;
        let answer = answer.map_err(LookupError::new)?.into_inner();
        if !answer.live {
            return Ok(None);
        }
        Ok(Some(SessionRecord {
            tenant_id,
            session_id,
            user_id: id(&answer.user_id)?,
            role: answer.role.parse().map_err(LookupError::new)?,
            tenant_slug: answer.tenant_slug,
        }))
    }

    async fn standing(&self, tenant_id: Uuid) -> Result<Standing, LookupError> {
        let request = GetStandingRequest {
            tenant_id: tenant_id.to_string(),
        };
        let answer = self.tenants.clone().get_standing(request).await;
        let answer = answer.map_err(LookupError::new)?.into_inner();
        let at = answer
            .delete_at_unix
            .and_then(|unix| DateTime::from_timestamp(unix, 0));
        match (answer.status.as_str(), at) {
            ("active", _) => Ok(Standing::Active),
            ("suspended", _) => Ok(Standing::Suspended {
                reason: answer.reason,
            }),
            ("deleting", Some(at)) => Ok(Standing::Deleting { at }),
            ("erasing" | "", _) => Ok(Standing::Gone),
            (other, _) => Err(LookupError::new(format!("a tenant is `{other}`"))),
        }
    }

    async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
        let mut client = self.credentials.clone();
        let answer = client.watch_changes(WatchChangesRequest {}).await;
        let mut answer = answer.map_err(LookupError::new)?.into_inner();
        // The first message says that nothing is missed from now on.
        next(&mut answer).await?;
        let changes = stream::unfold(answer, async |mut answer| {
            loop {
                match next(&mut answer).await {
                    Ok(message) => {
                        if let Some(what) = message.what {
                            return Some((change(what), answer));
                        }
                    }
                    Err(error) => {
                        tracing::debug!(%error, "changes of credentials end");
                        return None;
                    }
                }
            }
        });
        Ok(changes.boxed())
    }

    async fn note_uses(&self, uses: Vec<KeyUse>) -> Result<(), LookupError> {
        let uses = uses.into_iter().map(|used| Use {
            tenant_id: used.tenant_id.to_string(),
            key_id: used.key_id.to_string(),
            at_unix: used.at.timestamp(),
        });
        let request = NoteKeyUsesRequest {
            uses: uses.collect(),
        };
        let noted = self.credentials.clone().note_key_uses(request).await;
        noted.map(drop).map_err(LookupError::new)
    }
}

fn id(text: &str) -> Result<Uuid, LookupError> {
    text.parse().map_err(LookupError::new)
}

async fn next(answer: &mut Streaming<CredentialChange>) -> Result<CredentialChange, LookupError> {
    let message = tokio::time::timeout(SILENCE, answer.message()).await;
    let message = message.map_err(LookupError::new)?;
    message
        .map_err(LookupError::new)?
        .ok_or_else(|| LookupError::new("the identity service stops"))
}

/// What cannot be read may mean anything.
fn change(what: What) -> Change {
    let read = |text: &str| text.parse::<Uuid>().ok();
    let change = match what {
        What::SessionId(id) => read(&id).map(Change::Session),
        What::Member(member) => read(&member.tenant_id)
            .zip(read(&member.user_id))
            .map(|(tenant_id, user_id)| Change::Member { tenant_id, user_id }),
        What::ApiKeyId(id) => read(&id).map(Change::ApiKey),
        What::TenantId(id) => read(&id).map(Change::Tenant),
        What::SigningKeys(_) => Some(Change::SigningKeys),
        What::Everything(_) => Some(Change::Everything),
    };
    change.unwrap_or(Change::Everything)
}
