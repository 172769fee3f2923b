//! What ended is refused at once; what is away does not end anything.

use std::sync::atomic::Ordering;

use http::StatusCode;
use http_kit::auth::{Change, KeyAnswer, RefusalKind, Role, Scope, SessionRecord, Standing};
use uuid::Uuid;

use crate::{
    auth::{call, with_token},
    support::{
        Following, api, claims, key_text, request, send, session, session_of, tenant, token, until,
    },
};

const WHO: &str = "/api/v1/who";

/// Asks until the answer is `status`; fails when that does not come within moments.
async fn becomes(what: &str, status: StatusCode, ask: impl AsyncFn() -> StatusCode) {
    for _ in 0..500 {
        if ask().await == status {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{what}: not {status} in time");
}

#[tokio::test]
async fn a_token_of_a_session_that_ended_is_refused_at_once() {
    let api = Following::start().await;
    let (mine, other) = (token(Role::Owner), token(Role::Member));
    for _ in 0..3 {
        assert_eq!(with_token(&api.router, &mine).await, StatusCode::OK);
        assert_eq!(with_token(&api.router, &other).await, StatusCode::OK);
    }
    let asked = &api.identity.asked_for_sessions;
    assert_eq!(asked.load(Ordering::SeqCst), 2, "kept");

    let ended = session_of(Role::Owner);
    api.identity.set_session(ended, None);
    api.identity.tell(Change::Session(ended));
    let ask = async || with_token(&api.router, &mine).await;
    becomes("ended", StatusCode::UNAUTHORIZED, ask).await;
    assert_eq!(with_token(&api.router, &other).await, StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 3, "the other one is kept");
}

#[tokio::test]
async fn another_role_or_slug_needs_a_new_token_and_a_suspended_tenant_is_told_why() {
    let api = Following::start().await;
    let (id, token) = (session_of(Role::Admin), token(Role::Admin));
    let ask = async || with_token(&api.router, &token).await;
    let set = |record: SessionRecord, change| {
        api.identity.set_session(id, Some(record));
        api.identity.tell(change);
    };
    assert_eq!(ask().await, StatusCode::OK);
    let good = session(Role::Admin);
    let member = Change::Member {
        tenant_id: tenant(),
        user_id: good.user_id,
    };
    let role = SessionRecord {
        role: Role::Viewer,
        ..good.clone()
    };
    set(role, member);
    becomes("another role", StatusCode::UNAUTHORIZED, ask).await;
    set(good.clone(), member);
    becomes("the role of before", StatusCode::OK, ask).await;

    let slug = SessionRecord {
        tenant_slug: "acme-toys".to_owned(),
        ..good.clone()
    };
    set(slug, Change::Tenant(tenant()));
    becomes("another slug", StatusCode::UNAUTHORIZED, ask).await;

    set(good, Change::Tenant(tenant()));
    becomes("the slug of before", StatusCode::OK, ask).await;
    let key = api.identity.add_key(&[Scope::Read], None);
    let with_key = async || call(&api.router, "GET", WHO, &[("x-api-key", &key)]).await;
    assert_eq!(with_key().await, StatusCode::OK);
    let stands = |standing| {
        api.identity.set_standing(standing);
        api.identity.tell(Change::Tenant(tenant()));
    };
    stands(Standing::Suspended {
        reason: "Bills are open.".to_owned(),
    });
    becomes("suspended", StatusCode::FORBIDDEN, ask).await;
    assert_eq!(with_key().await, StatusCode::FORBIDDEN);
    stands(Standing::Active);
    becomes("resumed", StatusCode::OK, ask).await;
    becomes("resumed for keys", StatusCode::OK, with_key).await;
}

#[tokio::test]
async fn a_token_that_is_newer_than_what_is_kept_of_its_session_is_not_refused_for_that() {
    // Nobody tells of changes here.
    let (router, identity) = api();
    assert_eq!(
        with_token(&router, &token(Role::Owner)).await,
        StatusCode::OK
    );
    let renamed = SessionRecord {
        tenant_slug: "acme-toys".to_owned(),
        ..session(Role::Owner)
    };
    let signed = |iat: i64, slug: &str| {
        let mut claims = claims(Role::Owner);
        claims.iat += iat;
        claims.tsl = slug.to_owned();
        crate::support::sign(
            &claims,
            &crate::support::SIGNING,
            Some(crate::support::KEY_ID),
        )
    };
    identity.set_session(session_of(Role::Owner), Some(renamed));
    assert_eq!(
        with_token(&router, &signed(0, "acme-toys")).await,
        StatusCode::OK
    );
    let asked = &identity.asked_for_sessions;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // One from before cannot make anybody ask.
    for _ in 0..5 {
        let older = signed(-60, "acme");
        assert_eq!(with_token(&router, &older).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_session_is_its_persons_alone() {
    let (router, identity) = api();
    let someone = SessionRecord {
        user_id: Uuid::from_u128(9),
        ..session(Role::Owner)
    };
    identity.set_session(session_of(Role::Owner), Some(someone));
    assert_eq!(
        with_token(&router, &token(Role::Owner)).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let api = Following::start().await;
    let (key, id) = api.identity.add(&[Scope::Read], None, &[]);
    let other = api.identity.add_key(&[Scope::Read], None);
    let ask = async || call(&api.router, "GET", WHO, &[("x-api-key", &key)]).await;
    for _ in 0..3 {
        assert_eq!(ask().await, StatusCode::OK);
    }
    let asked = &api.identity.asked_for_keys;
    let with_other = async || call(&api.router, "GET", WHO, &[("x-api-key", &other)]).await;
    assert_eq!(with_other().await, StatusCode::OK);
    let ended = KeyAnswer::Ended {
        tenant_id: tenant(),
        key_id: id,
    };
    api.identity.set_key(&key, ended);
    api.identity.tell(Change::ApiKey(id));
    becomes("revoked", StatusCode::UNAUTHORIZED, ask).await;
    assert_eq!(with_other().await, StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn whatever_was_missed_is_asked_for_again() {
    let api = Following::start().await;
    let token = token(Role::Owner);
    let ask = async || with_token(&api.router, &token).await;
    assert_eq!(ask().await, StatusCode::OK);
    // Nobody is told of this one by name.
    api.identity.set_session(session_of(Role::Owner), None);
    api.identity.tell(Change::Everything);
    becomes("ended unheard", StatusCode::UNAUTHORIZED, ask).await;
}

#[tokio::test]
async fn uses_of_keys_are_told_once_for_many() {
    let api = Following::start().await;
    let (key, id) = api.identity.add(&[Scope::Read], None, &[]);
    for _ in 0..20 {
        let status = call(&api.router, "GET", WHO, &[("x-api-key", &key)]).await;
        assert_eq!(status, StatusCode::OK);
    }
    let uses = || api.identity.uses.lock().expect("not poisoned").len();
    until("a use is told", || uses() > 0).await;
    let told = api.identity.uses.lock().expect("not poisoned").clone();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].key_id, told[0].tenant_id), (id, tenant()));
}

#[tokio::test]
async fn while_the_identity_service_is_away_what_it_said_goes_on() {
    let (router, identity) = api();
    let known = token(Role::Owner);
    let mut later = claims(Role::Owner);
    later.iat -= 1;
    let later = crate::support::sign(
        &later,
        &crate::support::SIGNING,
        Some(crate::support::KEY_ID),
    );
    let key = identity.add_key(&[Scope::Read], None);
    assert_eq!(with_token(&router, &known).await, StatusCode::OK);
    assert_eq!(
        call(&router, "GET", WHO, &[("x-api-key", &key)]).await,
        StatusCode::OK
    );
    identity.away.store(true, Ordering::SeqCst);
    assert_eq!(
        with_token(&router, &later).await,
        StatusCode::OK,
        "another token of a session that was fine"
    );
    assert_eq!(
        call(&router, "GET", WHO, &[("x-api-key", &key)]).await,
        StatusCode::OK
    );
    assert_eq!(
        with_token(&router, &token(Role::Viewer)).await,
        StatusCode::SERVICE_UNAVAILABLE,
        "a session nobody has heard of"
    );
}

#[tokio::test]
async fn a_key_works_only_from_its_list() {
    let (router, identity) = api();
    let proxies = http_kit::client_address::TrustedProxies::parse(&["0.0.0.0"]).expect("networks");
    let router = router.layer(axum::Extension(proxies));
    let allowed = ["203.0.113.0/24", "2001:db8::/32"];
    let (key, _) = identity.add(&[Scope::Read], None, &allowed);
    for (address, expected) in [
        ("203.0.113.7", StatusCode::OK),
        ("::ffff:203.0.113.7", StatusCode::OK),
        ("2001:db8:1::1", StatusCode::OK),
        ("203.0.114.7", StatusCode::FORBIDDEN),
        ("2001:db9::1", StatusCode::FORBIDDEN),
    ] {
        let headers = [("x-api-key", key.as_str()), ("x-forwarded-for", address)];
        assert_eq!(
            call(&router, "GET", WHO, &headers).await,
            expected,
            "{address}"
        );
    }
    let request = request("GET", WHO)
        .header("x-api-key", &key)
        .header("x-forwarded-for", "198.51.100.1");
    let response = send(
        &router,
        request.body(axum::body::Body::empty()).expect("a request"),
    );
    let answer = crate::support::problem(response.await, StatusCode::FORBIDDEN).await;
    assert!(
        answer.detail.contains("may not be used from 198.51.100.1"),
        "{}",
        answer.detail
    );
}

#[tokio::test]
async fn refused_credentials_are_told_with_what_is_certain_of_them() {
    let api = Following::start().await;
    let (ended, id) = api.identity.add(&[Scope::Read], None, &[]);
    let tenant_id = tenant();
    let answer = KeyAnswer::Ended {
        tenant_id,
        key_id: id,
    };
    api.identity.set_key(&ended, answer);
    let mut expired = claims(Role::Owner);
    expired.exp = expired.iat - 120;
    let expired = crate::support::sign(
        &expired,
        &crate::support::SIGNING,
        Some(crate::support::KEY_ID),
    );
    let user = Some(Uuid::from_u128(1));
    let cases = [
        (
            "authorization",
            format!("Bearer {expired}"),
            RefusalKind::Expired,
            Some(tenant_id),
            user,
        ),
        (
            "authorization",
            "Bearer a.b.c".to_owned(),
            RefusalKind::BadToken,
            None,
            None,
        ),
        ("x-api-key", key_text(), RefusalKind::UnknownKey, None, None),
        (
            "x-api-key",
            ended,
            RefusalKind::RevokedKey,
            Some(tenant_id),
            Some(id),
        ),
    ];
    for (name, value, ..) in &cases {
        call(&api.router, "GET", WHO, &[(name, value)]).await;
    }
    // Says nothing of anybody.
    call(&api.router, "GET", WHO, &[]).await;
    let headers = [
        ("authorization", format!("Bearer {}", token(Role::Owner))),
        ("host", "other.localhost".to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    call(&api.router, "GET", WHO, &headers).await;
    let told = || api.identity.refused.lock().expect("not poisoned").clone();
    until("five are told", || told().len() == cases.len() + 1).await;
    let told = told();
    for (refusal, (_, _, kind, tenant_id, subject)) in told.iter().zip(&cases) {
        assert_eq!(refusal.kind, *kind);
        assert_eq!((refusal.tenant_id, refusal.subject), (*tenant_id, *subject));
        assert_eq!(refusal.origin.route, WHO);
    }
    assert_eq!(told[4].kind, RefusalKind::OtherTenant);
    assert_eq!(told[4].subject, user);
}

#[tokio::test]
async fn an_answer_that_goes_on_ends_with_its_credential() {
    let api = Following::start().await;
    let (key, id) = api.identity.add(&[Scope::Read], None, &[]);
    let listen = async || {
        let request = request("GET", "/api/v1/listen").header("x-api-key", &key);
        let request = request.body(axum::body::Body::empty()).expect("a request");
        crate::support::text(send(&api.router, request).await).await
    };
    let listening = listen();
    tokio::pin!(listening);
    assert!(
        futures::poll!(&mut listening).is_pending(),
        "it goes on by itself"
    );
    let tell = async {
        // Until it listens there is nothing to end.
        loop {
            api.identity.tell(Change::ApiKey(id));
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        text = &mut listening => assert_eq!(text, "ended"),
        () = tell => unreachable!("it never stops telling"),
        () = tokio::time::sleep(std::time::Duration::from_secs(20)) => panic!("it goes on"),
    }
}

#[tokio::test]
async fn an_answer_that_goes_on_outlives_a_doubt_that_is_none() {
    let api = Following::start().await;
    let ended = |name: &'static str, value: String| {
        let router = api.router.clone();
        tokio::spawn(async move {
            let request = request("GET", "/api/v1/listen").header(name, value);
            let request = request.body(axum::body::Body::empty()).expect("a request");
            crate::support::text(send(&router, request).await).await
        })
    };
    let (key, id) = api.identity.add(&[Scope::Read], None, &[]);
    let revoked = KeyAnswer::Ended {
        tenant_id: tenant(),
        key_id: id,
    };
    let with_key = ended("x-api-key", key.clone());
    let with_token = ended("authorization", format!("Bearer {}", token(Role::Owner)));
    // Told again and again: until it listens there is nothing to hear.
    let tell = |change| api.identity.tell(change);
    let asked = || api.identity.asked_for_sessions.load(Ordering::SeqCst);
    until("it is asked for again", || {
        tell(Change::Everything);
        asked() > 2
    })
    .await;
    assert!(!with_token.is_finished() && !with_key.is_finished());

    api.identity.set_session(session_of(Role::Owner), None);
    until("the session ended", || {
        tell(Change::Everything);
        with_token.is_finished()
    })
    .await;
    assert!(!with_key.is_finished(), "the key works yet");
    api.identity.set_key(&key, revoked);
    until("the key ended", || {
        tell(Change::Everything);
        with_key.is_finished()
    })
    .await;
    assert_eq!(with_key.await.expect("no panic"), "ended");
}
