//! Identity over gRPC.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use contracts::identity::v1::{
    GetJwksRequest, GetStandingRequest, VerifyApiKeyRequest, identity_client::IdentityClient,
    tenants_client::TenantsClient,
};
use uuid::Uuid;

use super::{ApiKeyRecord, IdentityLookup, Jwks, LookupError, Standing};

/// Asks user-service.
#[derive(Debug, Clone)]
pub struct GrpcIdentity {
    client: IdentityClient<rpc::Channel>,
    tenants: TenantsClient<rpc::Channel>,
}

impl GrpcIdentity {
    /// Over this channel (`peers.user`).
    pub fn new(channel: rpc::Channel) -> Self {
        Self {
            client: IdentityClient::new(channel.clone()),
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

    async fn api_key(&self, sha256: [u8; 32]) -> Result<Option<ApiKeyRecord>, LookupError> {
        let request = VerifyApiKeyRequest {
            key_sha256: sha256.to_vec(),
        };
        let answer = self.client.clone().verify_api_key(request).await;
        let answer = answer.map_err(LookupError::new)?.into_inner();
        if !answer.found {
            return Ok(None);
        }
        // A scope of a newer release grants nothing here.
        let scopes = answer
            .scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        Ok(Some(ApiKeyRecord {
            tenant_id: answer.tenant_id.parse().map_err(LookupError::new)?,
            tenant_slug: answer.tenant_slug,
            key_id: answer.key_id.parse().map_err(LookupError::new)?,
            scopes,
            expires_at: match answer.expires_at_unix {
                0 => None,
                unix => Some(
                    DateTime::from_timestamp(unix, 0)
                        .ok_or_else(|| LookupError::new("expires_at_unix is out of range"))?,
                ),
            },
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
}
