//! Mails from the database to a worker.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use contracts::identity::v1::mail_client::MailClient;
use contracts::identity::v1::{MailOutcome, OpenMailRequest};
use sea_orm::sqlx::{self, Row};
use tokio_util::sync::CancellationToken;

use crate::common::Service;
use crate::common::mails::Mails;

async fn with_mail() -> Service {
    Service::start_with(|config| {
        config.mail.smtp_url = "smtp://127.0.0.1:9".into();
        config.mail.from = "Bellwether <bw@example.com>".to_owned();
    })
    .await
}

/// State, reason, tries and whether there is a text, of the only mail.
async fn row(service: &Service) -> (String, Option<String>, i32, bool) {
    let read = "select state, reason, attempts, sealed_body is not null from identity.mail";
    let row = sqlx::query(read)
        .fetch_one(&mut service.owner().await)
        .await
        .unwrap();
    (row.get(0), row.get(1), row.get(2), row.get(3))
}

async fn run(service: &Service, sql: &'static str) {
    sqlx::query(sql)
        .execute(&mut service.owner().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_mail_is_opened_once_and_erased_when_it_is_sent() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.register("acme").await;
    let task = mails.task().await;
    assert_eq!(task.attempt, 1);
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed_body from identity.mail")
        .fetch_one(&mut service.owner().await)
        .await
        .unwrap();
    let mail = mails.open(&task).await;
    assert!(mail.live);
    assert_eq!(mail.recipient, "owner@acme.example.com");
    let readable = |needle: &str| {
        sealed
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    };
    assert!(
        !readable("token=") && !readable(&mail.subject),
        "sealed at rest"
    );
    // The broker delivers the same task again.
    assert!(!mails.open(&task).await.live);

    mails.report(&task, MailOutcome::Sent, "250 kept").await;
    let (state, reason, tries, text) = row(&service).await;
    assert_eq!((state.as_str(), tries, text), ("sent", 1, false));
    assert_eq!(reason.as_deref(), Some("250 kept"));
    assert!(!mails.open(&task).await.live);
    mails.report(&task, MailOutcome::Refused, "late").await;
    assert_eq!(row(&service).await.0, "sent", "what is over stays over");
    mails.end().await;
}

#[tokio::test]
async fn what_the_server_defers_is_tried_again_and_what_it_refuses_is_given_up() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.register("acme").await;
    let first = mails.task().await;
    mails.open(&first).await;
    mails
        .report(&first, MailOutcome::Deferred, "451 come\r\nback later")
        .await;
    let (state, reason, _, text) = row(&service).await;
    assert_eq!((state.as_str(), text), ("queued", true));
    assert_eq!(reason.as_deref(), Some("451 come  back later"));

    run(&service, "update identity.mail set due_at = now()").await;
    let second = mails.task().await;
    assert_eq!(second.attempt, 2);
    assert!(!mails.open(&first).await.live, "the first try is over");
    assert!(mails.open(&second).await.live);
    mails
        .report(&second, MailOutcome::Refused, "550 no such mailbox")
        .await;
    let (state, reason, tries, text) = row(&service).await;
    assert_eq!((state.as_str(), tries, text), ("failed", 2, false));
    assert_eq!(reason.as_deref(), Some("550 no such mailbox"));
    mails.end().await;
}

#[tokio::test]
async fn a_worker_that_is_lost_costs_a_try_and_a_task_nobody_took_costs_none() {
    let service = with_mail().await;
    let mut mails = Mails::start(&service).await;
    service.register("acme").await;
    let untaken = mails.task().await;
    run(&service, "update identity.mail set lease_until = now()").await;
    let same = mails.task().await;
    assert_eq!((&same.mail_id, same.attempt), (&untaken.mail_id, 1));
    assert!(mails.open(&same).await.live);
    assert!(!mails.open(&untaken).await.live, "one try, two messages");

    // Opened and never reported: the worker died.
    run(&service, "update identity.mail set lease_until = now()").await;
    let second = mails.task().await;
    assert_eq!(second.attempt, 2);
    // It was not dead after all, and had sent it: nobody sends it again.
    mails.report(&same, MailOutcome::Sent, "250 kept").await;
    assert!(!mails.open(&second).await.live);
    assert_eq!(row(&service).await.0, "sent");
    mails.end().await;
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_and_everything_else_works() {
    let service = Service::start().await;
    let mails = Mails::start(&service).await;
    let registered = service.register("acme").await;
    assert_eq!(registered.status, StatusCode::CREATED);
    assert_eq!(row(&service).await.0, "queued");
    // After the end of its token's life nobody needs it; a process that starts looks at once.
    run(&service, "update identity.mail set good_until = now()").await;
    mails.end().await;
    let mails = Mails::start(&service).await;
    let limit = Instant::now() + Duration::from_secs(30);
    let (reason, text) = loop {
        let (state, reason, tries, text) = row(&service).await;
        assert_eq!(tries, 0);
        if state == "failed" {
            break (reason, text);
        }
        assert!(Instant::now() < limit, "the mail still waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(reason.as_deref(), Some("not sent in time"));
    assert!(!text);
    mails.end().await;
}

#[tokio::test]
async fn only_the_worker_opens_mails() {
    let service = with_mail().await;
    let tokens = rpc::Tokens {
        user: "user".into(),
        core: "core".into(),
        crawler: "crawler".into(),
        worker: "worker".into(),
        operator: "operator".into(),
    };
    let (network, ends) = rpc::local::Network::new();
    let stop = CancellationToken::new();
    let routes = user_service::grpc(service.state.clone());
    tokio::spawn(rpc::local::serve(routes, ends.user, tokens, stop.clone()));
    for caller in ["user", "core", "crawler", "operator"] {
        let mut client = MailClient::new(network.peers(caller).unwrap().user);
        let request = OpenMailRequest {
            mail_id: uuid::Uuid::now_v7().to_string(),
            attempt: 1,
        };
        let refused = client.open(request).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{caller}");
    }
    let mut client = MailClient::new(network.peers("worker").unwrap().user);
    let request = OpenMailRequest {
        mail_id: "nonsense".to_owned(),
        attempt: 1,
    };
    let refused = client.open(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    stop.cancel();
}
