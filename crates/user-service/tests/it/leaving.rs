//! Tenants that take their data along, and tenants that are erased.

use std::io::{Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::tenant_data_server as catalog;
use contracts::crawl::v1::tenant_data_server as crawl;
use contracts::identity::v1::DeleteTenantRequest;
use contracts::identity::v1::tenants_client::TenantsClient;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http_body_util::BodyExt;
use lifecycle::Lifecycle;
use rpc::local::Network;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Response, Status};
use tower::ServiceExt;

use crate::common::{Client, PASSWORD, Service, fields, registration, tokens};

const EXPORTS: &str = "/api/v1/tenant/exports";

/// What core and crawler have, as far as user-service can tell.
#[derive(Clone, Default)]
struct Elsewhere {
    /// Rows still to be erased.
    rows: Arc<AtomicU64>,
    /// Exports that break off before one that does not.
    broken: Arc<AtomicU64>,
    /// The tenant that cannot be erased.
    stuck: Arc<Mutex<String>>,
}

type Told = BoxStream<'static, Result<wire::ExportTenantResponse, Status>>;

impl Elsewhere {
    fn told(&self, service: &'static str, tenant: String) -> Told {
        let part = |file: &str, content: String, done| wire::ExportTenantResponse {
            file: format!("{service}/{file}"),
            content: content.into_bytes(),
            records: 1,
            done,
            total: 2,
        };
        let parts = [
            Ok(part("a.jsonl", format!("{{\"tenant\":\"{tenant}\"}}\n"), 1)),
            Ok(part("b.csv", "x\r\n".repeat(700_000), 2)),
        ];
        let broken = self.broken.load(Ordering::SeqCst) > 0;
        if broken && service == "catalog" {
            self.broken.fetch_sub(1, Ordering::SeqCst);
            let [first, _] = parts;
            return stream::iter([first, Err(Status::unavailable("cut off"))]).boxed();
        }
        stream::iter(parts).boxed()
    }

    fn erased(&self) -> wire::EraseTenantResponse {
        let left = self.rows.load(Ordering::SeqCst);
        let erased = left.min(10);
        self.rows.fetch_sub(erased, Ordering::SeqCst);
        wire::EraseTenantResponse {
            erased,
            done: erased < 10,
        }
    }
}

macro_rules! serves {
    ($trait:path, $name:literal) => {
        #[tonic::async_trait]
        impl $trait for Elsewhere {
            type ExportStream = Told;

            async fn export(
                &self,
                request: tonic::Request<wire::ExportTenantRequest>,
            ) -> Result<Response<Told>, Status> {
                let tenant = request.into_inner().tenant_id;
                Ok(Response::new(self.told($name, tenant)))
            }

            async fn erase(
                &self,
                request: tonic::Request<wire::EraseTenantRequest>,
            ) -> Result<Response<wire::EraseTenantResponse>, Status> {
                if request.into_inner().tenant_id == *self.stuck.lock().unwrap() {
                    return Err(Status::internal("its rows cannot be read"));
                }
                Ok(Response::new(self.erased()))
            }
        }
    };
}
serves!(catalog::TenantData, "catalog");
serves!(crawl::TenantData, "crawl");

/// A service with others beside it, at work.
struct Running {
    service: Service,
    elsewhere: Elsewhere,
    state: user_service::State,
    client: Client,
    _life: Lifecycle,
}

impl Running {
    async fn start() -> Self {
        let mut service = Box::pin(Service::start()).await;
        service.config.tenants.settle_seconds = 0;
        let elsewhere = Elsewhere::default();
        let (network, ends) = Network::new();
        let core = catalog::TenantDataServer::new(elsewhere.clone());
        let crawler = crawl::TenantDataServer::new(elsewhere.clone());
        let never = CancellationToken::new();
        let core = rpc::local::serve(Routes::new(core), ends.core, tokens(), never.clone());
        tokio::spawn(core);
        let crawler = rpc::local::serve(Routes::new(crawler), ends.crawler, tokens(), never);
        tokio::spawn(crawler);
        let peers = network.peers(&tokens().user).unwrap();
        let wired = Box::pin(user_service::wire(&service.config, peers)).await;
        let state = wired.unwrap();
        let life = Lifecycle::new(Duration::from_secs(5));
        user_service::consumers(state.clone(), &life);
        Self {
            client: Client::of(state.clone()),
            service,
            elsewhere,
            state,
            _life: life,
        }
    }

    /// Waits for an export to end; how it then stands.
    async fn ended(&self, credential: &str, id: &str) -> Value {
        for _ in 0..1_500 {
            let shown = self
                .client
                .get(&format!("{EXPORTS}/{id}"), credential)
                .await;
            assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
            if ["done", "failed"].contains(&shown.text("status").as_str()) {
                return shown.body;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("the export does not end");
    }

    async fn archive(&self, credential: &str, id: &str) -> (StatusCode, Vec<u8>) {
        let (router, _) = user_service::router(self.state.clone()).split_for_parts();
        let request = Request::builder()
            .uri(format!("{EXPORTS}/{id}/archive"))
            .header("authorization", format!("Bearer {credential}"))
            .body(Body::empty())
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, bytes.to_vec())
    }

    async fn traces(&self, text: &str) -> Vec<String> {
        let url = &self.service.env.database_url;
        devstack::testing::traces(url, text).await.unwrap()
    }

    async fn one<T>(&self, sql: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let mut owner = self.service.owner().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut owner)
            .await
            .unwrap()
    }

    async fn execute(&self, sql: &str) {
        let mut owner = self.service.owner().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut owner)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_owner_takes_everything_along_and_no_secret() {
    let running = Running::start().await;
    let client = &running.client;
    let acme = client.register("acme").await.text("access_token");
    let beta = client.register("beta").await.text("access_token");
    let key = json!({ "name": "nightly", "scopes": ["admin"] });
    let key = client
        .post("/api/v1/api-keys", &acme, key)
        .await
        .text("key");
    let refused = client.post(EXPORTS, &key, json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a person asks");

    // The first attempt is cut off; another one follows by itself.
    running.elsewhere.broken.store(1, Ordering::SeqCst);
    let asked = client.post(EXPORTS, &acme, json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let id = asked.text("id");
    let twice = client.post(EXPORTS, &acme, json!({})).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let done = running.ended(&acme, &id).await;
    assert_eq!(
        (&done["status"], &done["percent"]),
        (&json!("done"), &json!(100))
    );

    let (status, bytes) = running.archive(&acme, &id).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(done["bytes"], bytes.len());
    assert_eq!(done["sha256"], secrets::sha256_hex(&bytes).as_str());
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let all = zip.len();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!(manifest["slug"], "acme");
    let files = manifest["files"].as_array().unwrap().clone();
    assert_eq!(files.len() + 1, all);
    for file in &files {
        let content = read(file["name"].as_str().unwrap());
        assert_eq!(file["sha256"], secrets::sha256_hex(&content).as_str());
        assert_eq!(file["bytes"], content.len());
    }
    let whole: String = files
        .iter()
        .map(|file| read(file["name"].as_str().unwrap()))
        .collect();
    let member: Value = serde_json::from_str(&read("members.jsonl")).unwrap();
    assert_eq!(member["email"], "owner@acme.example.com");
    assert!(read("identity/api_key.jsonl").contains("nightly"));
    assert!(read("tenant.jsonl").contains("\"base_currency\":\"USD\""));
    assert_eq!(read("catalog/b.csv").len(), 2_100_000);

    let beta_id: String = running
        .one("select id::text from identity.tenant where slug = 'beta'")
        .await;
    let hash: String = running
        .one("select password_hash from identity.user_account limit 1")
        .await;
    let digest: String = running
        .one("select encode(key_sha256, 'hex') from identity.api_key limit 1")
        .await;
    for absent in [
        beta_id.as_str(),
        "beta",
        hash.as_str(),
        "argon2",
        digest.as_str(),
        key.as_str(),
        "sha256",
        "sealed",
    ] {
        assert!(!whole.contains(absent), "{absent}");
    }

    for (credential, path) in [
        (&beta, format!("{EXPORTS}/{id}")),
        (&beta, format!("{EXPORTS}/{id}/archive")),
    ] {
        let answer = client.get(&path, credential).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, _) = running.archive(&beta, &id).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let fresh = client.post(EXPORTS, &acme, json!({})).await;
    assert_eq!(
        fresh.status,
        StatusCode::TOO_MANY_REQUESTS,
        "{}",
        fresh.body
    );
    assert!(fresh.text("detail").contains(&id), "{}", fresh.body);
    let wait = fresh.headers["retry-after"].to_str().unwrap().to_owned();
    assert!((3_000..=3_600).contains(&wait.parse::<u32>().unwrap()));
    let listed = client.get(EXPORTS, &acme).await.body;
    assert_eq!(listed["items"][0]["id"], id.as_str());
    assert_eq!(client.get(EXPORTS, &beta).await.body["items"], json!([]));

    running
        .execute("update identity.export set expires_at = now() - interval '1 day'")
        .await;
    let (status, _) = running.archive(&acme, &id).await;
    assert_eq!(status, StatusCode::CONFLICT, "its days are over");
}

#[tokio::test]
async fn what_cannot_be_built_is_given_up_in_words() {
    let running = Running::start().await;
    let acme = running.client.register("acme").await.text("access_token");
    running.elsewhere.broken.store(u64::MAX, Ordering::SeqCst);
    let asked = running.client.post(EXPORTS, &acme, json!({})).await;
    let id = asked.text("id");
    // Two attempts were in vain already: nobody waits for a third pause here.
    running
        .execute("update identity.export set attempts = 2 where attempts < 2")
        .await;
    let failed = running.ended(&acme, &id).await;
    assert_eq!(failed["status"], "failed");
    assert!(failed["reason"].as_str().unwrap().contains("another one"));
    let (status, _) = running.archive(&acme, &id).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_export_whose_builders_vanish_is_given_up() {
    let running = Running::start().await;
    let acme = running.client.register("acme").await.text("access_token");
    running
        .execute(
            "insert into identity.export (tenant_id, id, status, attempts, claim, lease_until, created_at)
             select id, '00000000-0000-0000-0000-00000000000b', 'running', 3, gen_random_uuid(), now(), now()
             from identity.tenant",
        )
        .await;
    let failed = running
        .ended(&acme, "00000000-0000-0000-0000-00000000000b")
        .await;
    assert_eq!(failed["status"], "failed");
    let asked = running.client.post(EXPORTS, &acme, json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_erased_holds_up_no_other() {
    let running = Running::start().await;
    for slug in ["acme", "beta"] {
        running.client.register(slug).await;
    }
    let acme: String = running
        .one("select id::text from identity.tenant where slug = 'acme'")
        .await;
    running.elsewhere.stuck.lock().unwrap().clone_from(&acme);
    running
        .execute(
            "update identity.tenant set status = 'deleting',
                 delete_at = now() - case slug when 'acme' then interval '2 hours' else interval '1 hour' end",
        )
        .await;
    for attempt in 0.. {
        let left: i64 = running
            .one("select count(*) from identity.tenant where slug = 'beta'")
            .await;
        if left == 0 {
            break;
        }
        assert!(attempt < 1_500, "it is not erased");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let left: i64 = running.one("select count(*) from identity.tenant").await;
    assert_eq!(left, 1);
    running.elsewhere.stuck.lock().unwrap().clear();
}

#[tokio::test]
async fn a_due_tenant_is_erased_with_the_people_who_are_nowhere_else() {
    let running = Running::start().await;
    let client = &running.client;
    let acme = client.register("acme").await;
    let token = acme.text("access_token");
    client.register("beta").await;
    let key = json!({ "name": "nightly", "scopes": ["read"] });
    let headers = [("idempotency-key", "once")];
    client
        .send_with(
            Method::POST,
            "/api/v1/api-keys",
            &token,
            Some(key),
            &headers,
        )
        .await;
    let renamed = json!({ "slug": "zenith" });
    let renamed = client
        .send(Method::PATCH, "/api/v1/tenant", &token, Some(renamed))
        .await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.body);
    let id = renamed.text("id");
    // Somebody who is in both tenants stays, and so does what beta has.
    running
        .execute(
            "insert into identity.user_account (id, email, password_hash)
             values ('00000000-0000-0000-0000-00000000000a', 'both@example.com', 'x');
             insert into identity.membership (tenant_id, user_id, role)
             select id, '00000000-0000-0000-0000-00000000000a', 'member' from identity.tenant;
             insert into identity.export (tenant_id, id, status, created_at, expires_at)
             select id, gen_random_uuid(), 'done', now(), now() + interval '1 day' from identity.tenant;
             insert into identity.export_chunk (tenant_id, export_id, place, sealed)
             select tenant_id, id, 0, '\\x00' from identity.export",
        )
        .await;
    assert!(!running.traces(&id).await.is_empty());
    running.elsewhere.rows.store(25, Ordering::SeqCst);

    let (connector, incoming) = rpc::local::pair();
    let channel = connector.channel(&tokens().operator).unwrap();
    let routes = user_service::grpc(running.state.clone());
    let never = CancellationToken::new();
    tokio::spawn(rpc::local::serve(routes, incoming, tokens(), never));
    let mut operator = TenantsClient::new(channel);
    let delete = DeleteTenantRequest {
        slug: "zenith".to_owned(),
        now: true,
    };
    operator.delete_tenant(delete).await.unwrap();
    for attempt in 0.. {
        let left: i64 = running
            .one("select count(*) from identity.tenant where slug = 'zenith'")
            .await;
        if left == 0 {
            break;
        }
        assert!(attempt < 1_500, "it is not erased");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(running.elsewhere.rows.load(Ordering::SeqCst), 0);
    assert_eq!(running.traces(&id).await, Vec::<String>::new());
    assert_eq!(
        running.traces("owner@acme.example.com").await,
        Vec::<String>::new()
    );
    let people: i64 = running
        .one("select count(*) from identity.user_account")
        .await;
    assert_eq!(people, 2, "beta's owner, and who is in both");
    let kept: i64 = running
        .one("select count(*) from identity.export_chunk")
        .await;
    assert_eq!(kept, 1);

    let gone = client.login("owner@acme.example.com", PASSWORD).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    for slug in ["zenith", "acme"] {
        let mut body = registration(slug);
        body["email"] = "new@example.com".into();
        let taken = client.post("/api/v1/auth/register", "", body).await;
        assert_eq!(taken.status, StatusCode::CONFLICT, "{slug}");
        assert_eq!(fields(&taken.body), ["slug"]);
    }
    running
        .execute("update identity.slug_hold set held_until = now()")
        .await;
    let mut body = registration("zenith");
    body["email"] = "new@example.com".into();
    let free = client.post("/api/v1/auth/register", "", body).await;
    assert_eq!(free.status, StatusCode::CREATED, "{}", free.body);
}
