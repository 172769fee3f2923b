use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use axum::{Router, body::Body, middleware::from_fn_with_state, response::Response, routing::post};
use http::{StatusCode, header};
use http_kit::{
    ApiError, Json,
    auth::{Role, Scope},
    idempotency::{Claim, Idempotency, IdempotencyStore, Known, REPLAYED_HEADER, replay},
};
use secrets::{MasterKey, SecretBox};
use tokio::sync::Notify;

use crate::support::{
    Identity, NewTracking, init_telemetry, problem, request, send, text, token, with_identity,
};

type Kept = HashMap<(String, String), (Claim, Option<(u16, Vec<u8>)>)>;

#[derive(Default)]
struct Memory(Mutex<Kept>);

impl Memory {
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().expect("not poisoned")
    }
}

fn place(claim: &Claim) -> (String, String) {
    (
        format!("{} {}", claim.tenant_id, claim.operation),
        claim.key.clone(),
    )
}

#[async_trait]
impl IdempotencyStore for Memory {
    async fn begin(&self, claim: &Claim) -> anyhow::Result<Known> {
        let mut kept = self.lock();
        Ok(match kept.get(&place(claim)) {
            None => {
                kept.insert(place(claim), (claim.clone(), None));
                Known::Fresh
            }
            Some((first, _)) if first.request_sha256 != claim.request_sha256 => Known::OtherRequest,
            Some((_, None)) => Known::InProgress,
            Some((_, Some((status, sealed)))) => Known::Done {
                status: *status,
                sealed: sealed.clone(),
            },
        })
    }

    async fn finish(&self, claim: &Claim, status: u16, sealed: Vec<u8>) -> anyhow::Result<()> {
        self.lock()
            .insert(place(claim), (claim.clone(), Some((status, sealed))));
        Ok(())
    }

    async fn abandon(&self, claim: &Claim) -> anyhow::Result<()> {
        self.lock().remove(&place(claim));
        Ok(())
    }
}

struct World {
    router: Router,
    identity: Arc<Identity>,
    store: Arc<Memory>,
    done: Arc<AtomicUsize>,
    /// Lets requests for the URL `wait` go on.
    go: Arc<Notify>,
}

fn world() -> World {
    init_telemetry();
    let (store, identity) = (Arc::new(Memory::default()), Arc::new(Identity::default()));
    let (done, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let create = {
        let (done, go) = (Arc::clone(&done), Arc::clone(&go));
        async move |Json(body): Json<NewTracking>| {
            let count = done.fetch_add(1, Ordering::SeqCst) + 1;
            match body.url.as_str() {
                "wait" => go.notified().await,
                "fail" => return Err(ApiError::unavailable("the database is away")),
                "panic" => panic!("boom"),
                _ => {}
            }
            let location = [(header::LOCATION, format!("/things/{count}"))];
            Ok((
                StatusCode::CREATED,
                location,
                format!("made {count}, key bw_live_secret"),
            ))
        }
    };
    let sealer = SecretBox::new(MasterKey::from([5; 32]));
    let idempotency = Idempotency::new(store.clone(), sealer);
    let routes = Router::new()
        .route("/things", post(create))
        .route_layer(from_fn_with_state(idempotency, replay));
    World {
        router: with_identity(routes, &identity),
        identity,
        store,
        done,
        go,
    }
}

impl World {
    async fn post(&self, key: &str, url: &str) -> Response {
        self.post_as(
            key,
            url,
            ("authorization", &format!("Bearer {}", token(Role::Owner))),
        )
        .await
    }

    async fn post_as(&self, key: &str, url: &str, credential: (&str, &str)) -> Response {
        let request = request("POST", "/things")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .header(credential.0, credential.1)
            .body(Body::from(format!("{{\"url\":\"{url}\"}}")))
            .expect("a request");
        send(&self.router, request).await
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    let world = world();
    let first = world.post("k", "x").await;
    let again = world.post("k", "x").await;
    assert_eq!(world.done(), 1);
    assert_eq!(again.status(), first.status());
    assert_eq!(again.headers()["location"], "/things/1");
    assert_eq!(
        again.headers()["content-type"],
        first.headers()["content-type"]
    );
    assert_eq!(again.headers()[REPLAYED_HEADER], "true");
    assert!(!first.headers().contains_key(REPLAYED_HEADER));
    assert_eq!(text(again).await, text(first).await);
    assert_eq!(
        world.post("other", "x").await.headers()["location"],
        "/things/2"
    );
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let world = world();
    for _ in 0..2 {
        problem(world.post("k", "").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    assert_eq!(world.done(), 0);
}

#[tokio::test]
async fn answers_are_kept_sealed() {
    let world = world();
    world.post("k", "x").await;
    let kept = world.store.lock();
    let (_, (_, answer)) = kept.iter().next().expect("one is kept");
    let (status, sealed) = answer.as_ref().expect("finished");
    assert_eq!(*status, 201);
    let readable = String::from_utf8_lossy(sealed);
    assert!(!readable.contains("bw_live_secret"), "{readable}");
}

#[tokio::test]
async fn another_request_or_caller_under_the_same_key_is_refused() {
    let world = world();
    world.post("k", "x").await;
    let answer = problem(world.post("k", "y").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(answer.errors[0].field, "Idempotency-Key");
    let api_key = world.identity.add_key(&[Scope::Write], None);
    let other = world.post_as("k", "x", ("x-api-key", &api_key)).await;
    problem(other, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(world.done(), 1);
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_waits() {
    let world = world();
    let first = tokio::spawn({
        let router = world.router.clone();
        let world = World {
            router,
            ..self::clone(&world)
        };
        async move { world.post("k", "wait").await.status() }
    });
    while world.done() == 0 {
        tokio::task::yield_now().await;
    }
    let second = world.post("k", "wait").await;
    assert_eq!(second.headers()["retry-after"], "1");
    problem(second, StatusCode::CONFLICT).await;
    world.go.notify_one();
    assert_eq!(first.await.expect("answered"), StatusCode::CREATED);
    assert_eq!(world.post("k", "wait").await.status(), StatusCode::CREATED);
    assert_eq!(world.done(), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_still_gets_it_done_once() {
    let world = world();
    let first = tokio::spawn({
        let world = self::clone(&world);
        async move { world.post("k", "wait").await.status() }
    });
    while world.done() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.is_err());
    world.go.notify_one();
    let answered = async {
        while world.post("k", "wait").await.status() != StatusCode::CREATED {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), answered)
        .await
        .expect("answered");
    assert_eq!(world.done(), 1);
}

#[tokio::test]
async fn failures_and_panics_free_the_key() {
    let world = world();
    for _ in 0..2 {
        problem(
            world.post("k", "fail").await,
            StatusCode::SERVICE_UNAVAILABLE,
        )
        .await;
        problem(
            world.post("p", "panic").await,
            StatusCode::INTERNAL_SERVER_ERROR,
        )
        .await;
    }
    assert_eq!(world.done(), 4);
    assert!(world.store.lock().is_empty());
}

#[tokio::test]
async fn unusable_keys_and_missing_credentials_are_refused() {
    let world = world();
    problem(
        world.post(&"k".repeat(256), "x").await,
        StatusCode::BAD_REQUEST,
    )
    .await;
    problem(world.post(" ", "x").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(
        world.post(&"k".repeat(255), "x").await.status(),
        StatusCode::CREATED
    );
}

fn clone(world: &World) -> World {
    World {
        router: world.router.clone(),
        identity: Arc::clone(&world.identity),
        store: Arc::clone(&world.store),
        done: Arc::clone(&world.done),
        go: Arc::clone(&world.go),
    }
}
