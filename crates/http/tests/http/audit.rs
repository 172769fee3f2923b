//! What is refused stands in the log of the tenant whose credential it was.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use audit::{Actor, Entry, Outcome, Recorder, Subject};
use axum::{Router, middleware::from_fn_with_state};
use http::StatusCode;
use http_kit::{
    audit::{Audit, watch},
    auth::{self, KeyAnswer, Role, Scope, Standing},
    openapi::{WriteProblems, document},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    auth::call,
    support::{
        Identity, KEY_ID, SIGNING, claims, key_text, session_of, sign, tenant, token, until,
        with_identity,
    },
};

const THINGS: &str = "/api/v1/things";

/// Make a thing.
#[utoipa::path(post, path = "/api/v1/things", responses((status = 200, body = String), WriteProblems))]
async fn create_thing(auth::Write(caller): auth::Write) -> String {
    format!("{}'s", caller.tenant_slug)
}

#[derive(Default)]
struct Kept(Mutex<Vec<Entry>>);

#[async_trait]
impl Recorder for Kept {
    async fn record(&self, entries: Vec<Entry>) -> anyhow::Result<()> {
        self.0.lock().expect("not poisoned").extend(entries);
        Ok(())
    }
}

/// An API whose audit log is in memory.
struct Audited {
    router: Router,
    identity: Arc<Identity>,
    kept: Arc<Kept>,
}

impl Audited {
    fn new() -> Self {
        let (identity, kept) = (Arc::new(Identity::default()), Arc::new(Kept::default()));
        let (router, document) = OpenApiRouter::with_openapi(document("Things"))
            .routes(routes!(create_thing))
            .split_for_parts();
        let recorder: Arc<dyn Recorder> = kept.clone();
        let router = router.layer(from_fn_with_state(Audit::new(&document, recorder), watch));
        Self {
            router: with_identity(router, &identity),
            identity,
            kept,
        }
    }

    /// The line of a change that is refused with this status.
    async fn refused(&self, status: StatusCode, headers: &[(&str, &str)]) -> Entry {
        let lines = || self.kept.0.lock().expect("not poisoned").clone();
        let before = lines().len();
        assert_eq!(call(&self.router, "POST", THINGS, headers).await, status);
        until("a line", || lines().len() > before).await;
        let line = lines().pop().expect("a line");
        assert_eq!(line.action, "create_thing");
        assert_eq!(line.outcome, Outcome::Refused(status.as_u16()));
        assert!(!line.reason.is_empty());
        line
    }

    /// The same, which stands in the tenant's log with nobody as having acted.
    async fn told(&self, status: StatusCode, headers: &[(&str, &str)], subject: Subject) {
        let line = self.refused(status, headers).await;
        assert_eq!(line.tenant_id, Some(tenant()), "{line:?}");
        assert_eq!(line.actor, Actor::ANONYMOUS, "{line:?}");
        assert_eq!(line.subject, subject, "{line:?}");
    }
}

#[tokio::test]
async fn a_change_with_a_key_that_ended_is_told_to_its_tenant() {
    let api = Audited::new();
    let (revoked, id) = api.identity.add(&[Scope::Write], None, &[]);
    let answer = KeyAnswer::Ended {
        tenant_id: tenant(),
        key_id: id,
    };
    api.identity.set_key(&revoked, answer);
    let of_key = |id: Uuid| Subject::new("api_key", id);
    let status = StatusCode::UNAUTHORIZED;
    api.told(status, &[("x-api-key", &revoked)], of_key(id))
        .await;
    let (expired, id) = api.identity.add(&[Scope::Write], Some(-1), &[]);
    api.told(status, &[("x-api-key", &expired)], of_key(id))
        .await;
    let (elsewhere, id) = api.identity.add(&[Scope::Write], None, &["203.0.113.0/24"]);
    api.told(
        StatusCode::FORBIDDEN,
        &[("x-api-key", &elsewhere)],
        of_key(id),
    )
    .await;
}

#[tokio::test]
async fn a_change_with_a_token_that_is_good_no_more_or_not_here_is_told_to_its_tenant() {
    let api = Audited::new();
    let person = || Subject::new("user", Uuid::from_u128(1));
    let bearer = format!("Bearer {}", token(Role::Owner));
    let bearer = ("authorization", bearer.as_str());
    let other_host = [bearer, ("host", "other.localhost")];
    api.told(StatusCode::FORBIDDEN, &other_host, person()).await;
    let cookie = format!("__Host-bw_access={}", token(Role::Owner));
    let other_site = [
        ("cookie", cookie.as_str()),
        ("host", "acme.localhost"),
        ("sec-fetch-site", "cross-site"),
    ];
    api.told(StatusCode::FORBIDDEN, &other_site, person()).await;
    let mut expired = claims(Role::Owner);
    expired.exp = expired.iat - 120;
    let expired = format!("Bearer {}", sign(&expired, &SIGNING, Some(KEY_ID)));
    let expired = [("authorization", expired.as_str())];
    api.told(StatusCode::UNAUTHORIZED, &expired, person()).await;
    api.identity.set_session(session_of(Role::Viewer), None);
    let ended = format!("Bearer {}", token(Role::Viewer));
    let ended = [("authorization", ended.as_str())];
    api.told(StatusCode::UNAUTHORIZED, &ended, person()).await;
}

#[tokio::test]
async fn a_change_in_a_suspended_tenant_is_told_to_it() {
    let api = Audited::new();
    api.identity.set_standing(Standing::Suspended {
        reason: "Bills are open.".to_owned(),
    });
    let bearer = format!("Bearer {}", token(Role::Owner));
    let person = Subject::new("user", Uuid::from_u128(1));
    let headers = [("authorization", bearer.as_str())];
    api.told(StatusCode::FORBIDDEN, &headers, person).await;
}

#[tokio::test]
async fn what_proves_nothing_is_told_to_no_tenant_and_who_is_known_is_named() {
    let api = Audited::new();
    let unknown = key_text();
    for headers in [
        vec![],
        vec![("x-api-key", unknown.as_str())],
        vec![("authorization", "Bearer a.b.c")],
    ] {
        let line = api.refused(StatusCode::UNAUTHORIZED, &headers).await;
        assert_eq!((line.tenant_id, line.actor), (None, Actor::ANONYMOUS));
        assert_eq!(line.subject, Subject::new("thing", ""));
    }
    let viewer = format!("Bearer {}", token(Role::Viewer));
    let headers = [("authorization", viewer.as_str())];
    let line = api.refused(StatusCode::FORBIDDEN, &headers).await;
    assert_eq!(line.tenant_id, Some(tenant()));
    assert_eq!(line.actor, Actor::user(Uuid::from_u128(1)));
    assert_eq!(line.subject, Subject::new("thing", ""));
}
