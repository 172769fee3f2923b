//! A worker's part: takes what is due from the queue, opens it over gRPC and reports.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use contracts::identity::v1::mail_client::MailClient;
use contracts::identity::v1::{MailOutcome, OpenMailRequest, OpenMailResponse, ReportMailRequest};
use contracts::messages::v1::MailTask;
use lifecycle::Lifecycle;
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::Service;

/// The mails of a service under test.
pub struct Mails {
    pub client: MailClient<rpc::Channel>,
    tasks: Arc<Mutex<Vec<MailTask>>>,
    seen: usize,
    /// Sent already, and nobody has asked for them yet.
    sent: Vec<OpenMailResponse>,
    stop: CancellationToken,
    life: Lifecycle,
}

impl Mails {
    /// Starts the service's loops and its gRPC, and hears of tasks.
    pub async fn start(service: &Service) -> Self {
        let life = Lifecycle::new(Duration::from_secs(5));
        user_service::consumers(service.state.clone(), &life);
        let tokens = rpc::Tokens {
            user: "user".into(),
            core: "core".into(),
            crawler: "crawler".into(),
            worker: "worker".into(),
            operator: String::new(),
        };
        let (network, ends) = rpc::local::Network::new();
        let stop = CancellationToken::new();
        let routes = user_service::grpc(service.state.clone());
        tokio::spawn(rpc::local::serve(routes, ends.user, tokens, stop.clone()));
        let client = MailClient::new(network.peers("worker").unwrap().user);

        let (url, prefix) = (&service.env.amqp_url, &service.env.amqp_prefix);
        let bus = bus::Bus::connect(url, prefix, []).unwrap();
        let tasks = Arc::new(Mutex::new(Vec::new()));
        let (kept, stopped) = (tasks.clone(), stop.clone());
        tokio::spawn(async move {
            let queue = bus.topology().mail_queue();
            let handler = move |message: bus::Incoming| {
                let task = MailTask::decode(message.body).unwrap();
                kept.lock().unwrap().push(task);
                async { bus::Decision::Done }
            };
            bus.consume(&queue, 4, stopped, handler).await.unwrap();
        });
        Self {
            client,
            tasks,
            seen: 0,
            sent: Vec::new(),
            stop,
            life,
        }
    }

    /// The next task, whatever it is about.
    pub async fn task(&mut self) -> MailTask {
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(task) = self.tasks.lock().unwrap().get(self.seen).cloned() {
                self.seen += 1;
                return task;
            }
            assert!(Instant::now() < limit, "no mail came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn open(&self, task: &MailTask) -> OpenMailResponse {
        let request = OpenMailRequest {
            mail_id: task.mail_id.clone(),
            attempt: task.attempt,
        };
        self.client
            .clone()
            .open(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub async fn report(&self, task: &MailTask, outcome: MailOutcome, reason: &str) {
        let request = ReportMailRequest {
            mail_id: task.mail_id.clone(),
            attempt: task.attempt,
            outcome: outcome.into(),
            reason: reason.to_owned(),
        };
        self.client.clone().report(request).await.unwrap();
    }

    /// The next mail to this address.
    pub async fn to(&mut self, address: &str) -> OpenMailResponse {
        self.find(|mail| mail.recipient == address).await
    }

    /// Sends mails until one is wanted, and returns it. Others stay for whoever asks for them.
    pub async fn find(&mut self, wanted: impl Fn(&OpenMailResponse) -> bool) -> OpenMailResponse {
        loop {
            if let Some(place) = self.sent.iter().position(&wanted) {
                return self.sent.remove(place);
            }
            let task = self.task().await;
            let mail = self.open(&task).await;
            assert!(mail.live);
            self.report(&task, MailOutcome::Sent, "250 ok").await;
            self.sent.push(mail);
        }
    }

    /// Ends the loops.
    pub async fn end(self) {
        self.stop.cancel();
        self.life.stop();
        self.life.drained().await;
        assert!(!self.life.has_failed());
    }
}

/// The token in a mail's link.
pub fn token(mail: &OpenMailResponse) -> String {
    let at = mail.text.find("#token=").expect("a link");
    let rest = &mail.text[at + "#token=".len()..];
    rest.split_whitespace().next().unwrap().to_owned()
}
