//! Mails over a real conversation with the simulated mail server, opened at and reported to a stand-in for user-service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Decision, Incoming};
use contracts::identity::v1::mail_client::MailClient;
use contracts::identity::v1::mail_server::{Mail, MailServer as MailGrpcServer};
use contracts::identity::v1::{
    MailOutcome, OpenMailRequest, OpenMailResponse, ReportMailRequest, ReportMailResponse,
};
use contracts::messages::v1::MailTask;
use market_sim::{Sim, SimOptions};
use prost::Message;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::tokens;
use crate::mail::{MailServer, Postman};

/// What the stand-in was told; it hands a mail out once, as user-service does.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    opened: bool,
    away: bool,
    reports: Vec<ReportMailRequest>,
}

#[tonic::async_trait]
impl Mail for Desk {
    async fn open(
        &self,
        request: Request<OpenMailRequest>,
    ) -> Result<Response<OpenMailResponse>, Status> {
        let mut state = self.0.lock().expect("not poisoned");
        if state.away {
            return Err(Status::unavailable("away"));
        }
        assert_eq!(request.into_inner().attempt, 2);
        if std::mem::replace(&mut state.opened, true) {
            return Ok(Response::new(OpenMailResponse::default()));
        }
        Ok(Response::new(OpenMailResponse {
            live: true,
            recipient: "ann@example.com".into(),
            subject: "请验证您的邮箱地址".into(),
            text: "您好\n.a line with a dot\n\nhttps://page.example/verify-email#token=abc\n"
                .into(),
            html: "<p>您好</p>".into(),
        }))
    }

    async fn report(
        &self,
        request: Request<ReportMailRequest>,
    ) -> Result<Response<ReportMailResponse>, Status> {
        let mut state = self.0.lock().expect("not poisoned");
        state.reports.push(request.into_inner());
        Ok(Response::new(ReportMailResponse {}))
    }
}

/// A postman, the desk, and the mail server's other side.
struct Office {
    postman: Postman,
    desk: Desk,
    sim: Sim,
}

impl Office {
    async fn open() -> Self {
        let sim = Sim::start(SimOptions::default()).await.expect("it starts");
        let server = config(sim.smtp_url());
        Self::with(sim, MailServer::new(&server).expect("a server"))
    }

    fn with(sim: Sim, server: Option<MailServer>) -> Self {
        let desk = Desk::default();
        let (network, ends) = rpc::local::Network::new();
        let routes = Routes::new(MailGrpcServer::new(desk.clone()));
        let stop = CancellationToken::new();
        tokio::spawn(rpc::local::serve(routes, ends.user, tokens(), stop));
        let identity = MailClient::new(network.peers("worker").expect("a token").user);
        Self {
            postman: Postman { identity, server },
            desk,
            sim,
        }
    }

    async fn deliver(&self) -> Decision {
        let task = MailTask {
            mail_id: "0193".into(),
            attempt: 2,
        };
        let message = Incoming {
            body: task.encode_to_vec().into(),
            routing_key: "mail".into(),
            id: None,
            headers: Default::default(),
            redelivered: false,
        };
        self.postman.handle(message).await
    }

    async fn order(&self, kind: &str) {
        let order = json!({ "kind": kind, "count": 1 });
        let answer = reqwest::Client::new()
            .post(format!("{}/_control/mail", self.sim.base_url()))
            .json(&order)
            .send()
            .await
            .expect("answered");
        assert!(answer.status().is_success());
    }

    async fn mails(&self) -> Vec<Value> {
        let url = format!("{}/mail", self.sim.base_url());
        let answer = reqwest::get(url).await.expect("answered");
        let mut body: Value = answer.json().await.expect("JSON");
        match body["items"].take() {
            Value::Array(items) => items,
            other => panic!("{other}"),
        }
    }

    /// The only report.
    fn report(&self) -> (MailOutcome, String) {
        let reports = &self.desk.0.lock().expect("not poisoned").reports;
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert_eq!(
            (reports[0].mail_id.as_str(), reports[0].attempt),
            ("0193", 2)
        );
        (reports[0].outcome(), reports[0].reason.clone())
    }
}

fn config(smtp_url: &str) -> config::Mail {
    config::Mail {
        smtp_url: smtp_url.into(),
        from: "Bellwether <bw@example.com>".into(),
        reply_to: "help@example.com".into(),
        page_url: String::new(),
    }
}

#[tokio::test]
async fn a_mail_is_sent_once_though_its_task_is_delivered_twice() {
    let office = Office::open().await;
    assert_eq!(office.deliver().await, Decision::Done);
    assert_eq!(office.deliver().await, Decision::Done);
    let mails = office.mails().await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["envelope_to"], json!(["ann@example.com"]));
    assert_eq!(mail["from"], "bw@example.com");
    assert_eq!(mail["reply_to"], "help@example.com");
    assert_eq!(mail["subject"], "请验证您的邮箱地址");
    assert_eq!(mail["message_id"], "0193@example.com");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains("\n.a line with a dot\n"), "{text}");
    assert!(text.contains("#token=abc"), "{text}");
    assert!(
        mail["html"]
            .as_str()
            .is_some_and(|html| html.contains("您好"))
    );
    let (outcome, reason) = office.report();
    assert_eq!(outcome, MailOutcome::Sent);
    assert!(
        reason.starts_with("250") && reason.contains("kept"),
        "{reason}"
    );
}

#[tokio::test]
async fn not_now_is_deferred_and_never_is_refused_with_the_servers_words() {
    for (kind, expected, code) in [
        ("4xx", MailOutcome::Deferred, "come back later"),
        ("5xx", MailOutcome::Refused, "no such mailbox"),
    ] {
        let office = Office::open().await;
        office.order(kind).await;
        assert_eq!(office.deliver().await, Decision::Done);
        let (outcome, reason) = office.report();
        assert_eq!(outcome, expected, "{reason}");
        assert!(reason.contains(code), "{reason}");
        assert!(office.mails().await.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_or_is_away_means_later() {
    let sim = Sim::start(SimOptions::default()).await.expect("it starts");
    let server = MailServer::new(&config(sim.smtp_url())).expect("a server");
    let server = server
        .expect("configured")
        .within(Duration::from_millis(300));
    let office = Office::with(sim, Some(server));
    office.order("hang").await;
    assert_eq!(office.deliver().await, Decision::Done);
    assert_eq!(office.report().0, MailOutcome::Deferred);

    let sim = Sim::start(SimOptions::default()).await.expect("it starts");
    // Nobody listens there.
    let away = MailServer::new(&config("smtp://127.0.0.1:1")).expect("a server");
    let office = Office::with(sim, away);
    assert_eq!(office.deliver().await, Decision::Done);
    assert_eq!(office.report().0, MailOutcome::Deferred);
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_where_tls_is_asked_for() {
    let sim = Sim::start(SimOptions::default()).await.expect("it starts");
    let url = format!("{}?tls=required", sim.smtp_url());
    let office = Office::with(sim, MailServer::new(&config(&url)).expect("a server"));
    assert_eq!(office.deliver().await, Decision::Done);
    assert_eq!(office.report().0, MailOutcome::Deferred);
    assert!(office.mails().await.is_empty());
}

#[tokio::test]
async fn without_user_service_a_task_waits_and_without_a_mail_server_it_is_deferred() {
    let office = Office::open().await;
    office.desk.0.lock().expect("not poisoned").away = true;
    assert_eq!(office.deliver().await, Decision::Later);
    assert!(office.mails().await.is_empty());

    let sim = Sim::start(SimOptions::default()).await.expect("it starts");
    let none = MailServer::new(&config("")).expect("nothing to object to");
    assert!(none.is_none());
    let office = Office::with(sim, none);
    assert_eq!(office.deliver().await, Decision::Done);
    let (outcome, reason) = office.report();
    assert_eq!(outcome, MailOutcome::Deferred);
    assert!(reason.contains("mail.smtp_url"), "{reason}");
}

#[test]
fn a_wrong_address_stops_the_worker_at_its_start_without_showing_the_password() {
    let mut wrong = config("smtp://u:hunter2@127.0.0.1:25");
    wrong.from = "nobody".into();
    assert!(MailServer::new(&wrong).is_err());
    let wrong = config("smtp://u:hunter2@127.0.0.1:25?tls=sometimes");
    let Err(error) = MailServer::new(&wrong) else {
        panic!("accepted");
    };
    assert!(!format!("{error:?}").contains("hunter2"));
}
