//! Mails: opened at user-service, sent over SMTP, reported. The text is in this process only while it is sent.

mod server;

use std::time::Duration;

use bus::{Decision, Incoming};
use contracts::identity::v1::mail_client::MailClient;
use contracts::identity::v1::{MailOutcome, OpenMailRequest, OpenMailResponse, ReportMailRequest};
use contracts::messages::v1::MailTask;
use prost::Message;
use rpc::Channel;
use tonic::Code;

pub(crate) use server::MailServer;

/// Mails on their way at once; a server that takes many closes connections beyond a few.
pub(crate) const AT_ONCE: u16 = 4;
/// Tries to report, and the pause between two: together less than user-service waits for a report.
const REPORTS: u32 = 8;
const PAUSE: Duration = Duration::from_secs(5);

/// How a mail fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server has it, and said this.
    Sent(String),
    /// Not now.
    Deferred(String),
    /// Never.
    Refused(String),
}

/// Sends mails; cheap to clone.
#[derive(Clone)]
pub(crate) struct Postman {
    pub(crate) identity: MailClient<Channel>,
    /// None: this worker has no mail server.
    pub(crate) server: Option<MailServer>,
}

impl Postman {
    /// Decides a message. A task that was opened before is over: whoever opened it tells how it went.
    pub(crate) async fn handle(&self, message: Incoming) -> Decision {
        let task = match MailTask::decode(message.body) {
            Ok(task) => task,
            Err(error) => return Decision::Park(format!("not a mail task: {error}")),
        };
        let request = OpenMailRequest {
            mail_id: task.mail_id.clone(),
            attempt: task.attempt,
        };
        let mail = match self.identity.clone().open(request).await {
            Ok(response) => response.into_inner(),
            Err(status) if matches!(status.code(), Code::InvalidArgument | Code::Internal) => {
                return Decision::Park(format!("the mail task is refused: {}", status.message()));
            }
            Err(status) => {
                tracing::warn!(code = ?status.code(), error = status.message(), "cannot open the mail yet");
                return Decision::Later;
            }
        };
        if !mail.live {
            tracing::info!(mail.id = task.mail_id, "nothing left to do for this mail");
            return Decision::Done;
        }
        let fate = self.send(&task.mail_id, mail).await;
        self.report(task, fate).await;
        Decision::Done
    }

    async fn send(&self, id: &str, mail: OpenMailResponse) -> Fate {
        match &self.server {
            Some(server) => server.send(id, mail).await,
            None => Fate::Deferred("mail.smtp_url is not set where the worker runs".to_owned()),
        }
    }

    /// Tells how it went. When nobody hears it, the mail is sent once more after its lease: rather twice than never.
    async fn report(&self, task: MailTask, fate: Fate) {
        let (outcome, label, reason) = match fate {
            Fate::Sent(reason) => (MailOutcome::Sent, "sent", reason),
            Fate::Deferred(reason) => (MailOutcome::Deferred, "deferred", reason),
            Fate::Refused(reason) => (MailOutcome::Refused, "refused", reason),
        };
        metrics::counter!("worker_mails_total", "outcome" => label).increment(1);
        tracing::info!(mail.id = task.mail_id, outcome = label, reason, "mail");
        let request = ReportMailRequest {
            mail_id: task.mail_id,
            attempt: task.attempt,
            outcome: outcome.into(),
            reason,
        };
        for _ in 0..REPORTS {
            let Err(status) = self.identity.clone().report(request.clone()).await else {
                return;
            };
            tracing::warn!(code = ?status.code(), error = status.message(), "cannot report a mail yet");
            if !rpc::is_transient(&status) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
