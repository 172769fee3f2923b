//! A whole user-service over a database of its own, asked through its router.

use std::net::SocketAddr;
use std::ops::Deref;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use devstack::testing::TestEnv;
use http_body_util::BodyExt;
use sea_orm::sqlx::{Connection, PgConnection};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use user_service::State;

pub mod mails;

/// One for all tests: roles live in the server, not in the database.
use devstack::testing::ROLE_SECRET;
pub const ISSUER: &str = "http://localhost:8080";
pub const PASSWORD: &str = "correct horse battery";

pub struct Service {
    pub env: TestEnv,
    pub config: config::Config,
    pub state: State,
    client: Client,
}

/// Asks a router as a program does.
pub struct Client {
    router: Router,
    address: Option<SocketAddr>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn text(&self, field: &str) -> String {
        let value = self.body[field].as_str();
        value
            .unwrap_or_else(|| panic!("no text {field} in {}", self.body))
            .to_owned()
    }
}

impl Service {
    /// Its gRPC for who shows this token of [`tokens`], told by its letter.
    pub fn channel(&self, letter: &str) -> rpc::Channel {
        let (connector, incoming) = rpc::local::pair();
        let routes = user_service::grpc(self.state.clone());
        let stop = CancellationToken::new();
        tokio::spawn(rpc::local::serve(routes, incoming, tokens(), stop));
        connector.channel(&letter.repeat(TOKEN)).unwrap()
    }

    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With what differs from the tests' configuration.
    pub async fn start_with(change: impl FnOnce(&mut config::Config)) -> Self {
        let env = TestEnv::new(&migrations::fingerprint(), async |url| {
            let role_secret = ROLE_SECRET.to_owned();
            migrations::prepare(&migrations::Admin { url, role_secret }).await
        })
        .await
        .unwrap();
        let mut config = config::Config::defaults();
        config.database.url = env.database_url.as_str().into();
        config.database.role_secret = ROLE_SECRET.into();
        config.database.api_pool = 4;
        config.database.system_pool = 4;
        config.amqp.url = env.amqp_url.as_str().into();
        config.amqp.prefix = env.amqp_prefix.clone();
        config.redis.url = env.redis_url.as_str().into();
        config.redis.prefix = env.redis_prefix.clone();
        config.secrets.master_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into();
        // All of a test's requests come from one place.
        config.limits.enabled = false;
        // Tests are about what is refused, not about what it costs.
        config.auth.argon2_memory_kib = 64;
        config.auth.argon2_iterations = 1;
        change(&mut config);
        let state = wire(&config).await;
        let client = Client::of(state.clone());
        Self {
            env,
            config,
            state,
            client,
        }
    }

    /// The database as its owner, who sees everything.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.env.database_url).await.unwrap()
    }
}

impl Deref for Service {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Client {
    /// Asks the router over `state`.
    pub fn of(state: State) -> Self {
        let (router, _) = user_service::router(state).split_for_parts();
        Self {
            router,
            address: None,
        }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        credential: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send_with(method, path, credential, body, &[]).await
    }

    /// `credential` is an access token, an API key, or empty.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        credential: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if credential.starts_with("bw_") {
            request = request.header("x-api-key", credential);
        } else if !credential.is_empty() {
            request = request.header("authorization", format!("Bearer {credential}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(address) = self.address {
            request = request.extension(ConnectInfo(address));
        }
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer {
            status,
            headers,
            body,
        }
    }

    /// The same client at another address.
    pub fn at(&self, address: &str) -> Self {
        Self {
            router: self.router.clone(),
            address: Some(SocketAddr::new(address.parse().unwrap(), 50_000)),
        }
    }

    pub async fn patch(&self, path: &str, credential: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, credential, Some(body)).await
    }

    pub async fn delete(&self, path: &str, credential: &str) -> Answer {
        self.send(Method::DELETE, path, credential, None).await
    }

    pub async fn get(&self, path: &str, credential: &str) -> Answer {
        self.send(Method::GET, path, credential, None).await
    }

    pub async fn post(&self, path: &str, credential: &str, body: Value) -> Answer {
        self.send(Method::POST, path, credential, Some(body)).await
    }

    /// What is there as text, which need not be JSON.
    pub async fn get_text(&self, path: &str, credential: &str) -> String {
        let request = Request::builder()
            .uri(path)
            .header("authorization", format!("Bearer {credential}"))
            .body(Body::empty());
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Registers a tenant; the answer holds its owner's tokens.
    pub async fn register(&self, slug: &str) -> Answer {
        let body = registration(slug);
        let answer = self.post("/api/v1/auth/register", "", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.post("/api/v1/auth/login", "", body).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.post(
            "/api/v1/auth/refresh",
            "",
            json!({ "refresh_token": token }),
        )
        .await
    }
}

/// As long as an internal token has to be, and more.
const TOKEN: usize = 32;

/// Internal tokens of a letter each.
pub fn tokens() -> rpc::Tokens {
    rpc::Tokens {
        user: "u".repeat(TOKEN),
        core: "c".repeat(TOKEN),
        crawler: "r".repeat(TOKEN),
        worker: "w".repeat(TOKEN),
        operator: "o".repeat(TOKEN),
    }
}

pub async fn wire(config: &config::Config) -> State {
    let (network, _ends) = rpc::local::Network::new();
    user_service::wire(config, network.peers("token of the test").unwrap())
        .await
        .unwrap()
}

pub fn registration(slug: &str) -> Value {
    json!({
        "tenant": format!("Tenant {slug}"),
        "slug": slug,
        "email": format!("Owner@{slug}.example.com"),
        "password": PASSWORD,
    })
}

/// The fields a problem is about.
pub fn fields(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .filter_map(|error| Some(error["field"].as_str()?.to_owned()))
        .collect()
}
