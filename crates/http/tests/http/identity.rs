//! The identity service over gRPC, as the all-in-one and separate processes ask it.

use contracts::identity::v1::{
    GetJwksRequest, GetJwksResponse, GetPlanLimitsRequest, GetPlanLimitsResponse,
    VerifyApiKeyRequest, VerifyApiKeyResponse,
    identity_server::{Identity, IdentityServer},
};
use http_kit::auth::{GrpcIdentity, IdentityLookup as _, KeyAnswer, Scope};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

struct Peer;

#[tonic::async_trait]
impl Identity for Peer {
    async fn get_jwks(
        &self,
        _: Request<GetJwksRequest>,
    ) -> Result<Response<GetJwksResponse>, Status> {
        let jwks_json = "{\"keys\":[]}".to_owned();
        Ok(Response::new(GetJwksResponse {
            jwks_json,
            max_age_seconds: 60,
        }))
    }

    async fn verify_api_key(
        &self,
        request: Request<VerifyApiKeyRequest>,
    ) -> Result<Response<VerifyApiKeyResponse>, Status> {
        let asked = request.into_inner().key_sha256;
        let answer = |tenant_id: Uuid, scopes: &[&str]| VerifyApiKeyResponse {
            found: true,
            tenant_id: tenant_id.to_string(),
            tenant_slug: "acme".to_owned(),
            key_id: Uuid::from_u128(8).to_string(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            expires_at_unix: 1_900_000_000,
            allowed_addresses: vec!["203.0.113.0/24".to_owned()],
            ended: false,
        };
        let found = match asked {
            asked if asked == secrets::sha256("bw_live_known") => {
                answer(Uuid::from_u128(7), &["read", "crawl", "of a newer release"])
            }
            asked if asked == secrets::sha256("bw_live_nonsense") => VerifyApiKeyResponse {
                tenant_id: "?".to_owned(),
                ..answer(Uuid::nil(), &[])
            },
            asked if asked == secrets::sha256("bw_live_unreadable") => VerifyApiKeyResponse {
                allowed_addresses: vec!["somewhere".to_owned()],
                ..answer(Uuid::nil(), &[])
            },
            asked if asked == secrets::sha256("bw_live_ended") => VerifyApiKeyResponse {
                found: false,
                ended: true,
                ..answer(Uuid::from_u128(7), &[])
            },
            _ => VerifyApiKeyResponse::default(),
        };
        Ok(Response::new(found))
    }

    async fn get_plan_limits(
        &self,
        _: Request<GetPlanLimitsRequest>,
    ) -> Result<Response<GetPlanLimitsResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }
}

fn tokens() -> rpc::Tokens {
    rpc::Tokens {
        user: "token-user".to_owned(),
        core: "token-core".to_owned(),
        crawler: "token-crawler".to_owned(),
        worker: "token-worker".to_owned(),
        operator: "token-operator".to_owned(),
    }
}

#[tokio::test]
async fn keys_are_asked_for_over_grpc() {
    let (connector, end) = rpc::local::pair();
    let routes = Routes::new(IdentityServer::new(Peer));
    let stop = CancellationToken::new();
    tokio::spawn(rpc::local::serve(routes, end, tokens(), stop.clone()));
    let identity = GrpcIdentity::new(connector.channel("token-core").expect("a channel"));

    let jwks = identity.jwks().await.expect("answered");
    assert_eq!(
        (jwks.json.as_str(), jwks.max_age.as_secs()),
        ("{\"keys\":[]}", 60)
    );

    let known = identity
        .api_key(secrets::sha256("bw_live_known"))
        .await
        .expect("answered");
    let KeyAnswer::Known(known) = known else {
        panic!("{known:?}");
    };
    assert_eq!(
        known.allowed,
        ["203.0.113.0/24".parse().expect("a network")]
    );
    assert_eq!(
        (known.tenant_id, known.key_id),
        (Uuid::from_u128(7), Uuid::from_u128(8))
    );
    assert_eq!(known.scopes, [Scope::Read, Scope::Crawl]);
    assert_eq!(
        known.expires_at.map(|end| end.timestamp()),
        Some(1_900_000_000)
    );

    let ask = async |text: &str| identity.api_key(secrets::sha256(text)).await;
    assert_eq!(
        ask("bw_live_unknown").await.expect("answered"),
        KeyAnswer::Unknown
    );
    assert_eq!(
        ask("bw_live_ended").await.expect("answered"),
        KeyAnswer::Ended {
            tenant_id: Uuid::from_u128(7),
            key_id: Uuid::from_u128(8)
        }
    );
    assert!(ask("bw_live_nonsense").await.is_err());
    assert!(
        ask("bw_live_unreadable").await.is_err(),
        "a list that cannot be read is not one that allows everything"
    );
    stop.cancel();
}
