//! `bellwether.identity.v1.Mail`: what the worker asks and tells.

use chrono::{TimeDelta, Utc};
use contracts::identity::v1::mail_server::Mail;
use contracts::identity::v1::{
    MailOutcome, OpenMailRequest, OpenMailResponse, ReportMailRequest, ReportMailResponse,
};
use db::{SystemPool, SystemTx};
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::Mailer;
use crate::error::storage;
use crate::rules::mail_retry;
use crate::storage::mails;

/// Nobody else sends mails.
const ADMITTED: [Caller; 1] = [Caller::Worker];
/// How long a worker may take to send one.
const SENDING: TimeDelta = TimeDelta::minutes(5);
/// Characters that are kept of what a mail server says.
const REASON_LENGTH: usize = 500;

/// The service.
#[derive(Debug)]
pub struct MailGrpc {
    pub(crate) pool: SystemPool,
    pub(crate) mailer: Mailer,
}

#[tonic::async_trait]
impl Mail for MailGrpc {
    async fn open(
        &self,
        request: Request<OpenMailRequest>,
    ) -> Result<Response<OpenMailResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let request = request.into_inner();
        let (id, attempt) = named(&request.mail_id, request.attempt)?;
        let now = Utc::now();
        let tx = SystemTx::begin(&self.pool).await.map_err(storage)?;
        let opened = mails::open(&tx, id, attempt, now, now + SENDING)
            .await
            .map_err(storage)?;
        let Some(opened) = opened else {
            tx.commit().await.map_err(storage)?;
            return Ok(Response::new(OpenMailResponse::default()));
        };
        let written = match self.mailer.opened(id, &opened.sealed_body) {
            Ok(written) => written,
            Err(error) => {
                tracing::error!(mail.id = %id, error = format!("{error:#}"), "a mail does not open");
                let reason = "its text does not open: was secrets.master_key changed?";
                mails::failed(&tx, id, attempt, reason, now)
                    .await
                    .map_err(storage)?;
                tx.commit().await.map_err(storage)?;
                return Ok(Response::new(OpenMailResponse::default()));
            }
        };
        tx.commit().await.map_err(storage)?;
        Ok(Response::new(OpenMailResponse {
            live: true,
            recipient: opened.recipient,
            subject: written.subject,
            text: written.text,
            html: written.html,
        }))
    }

    async fn report(
        &self,
        request: Request<ReportMailRequest>,
    ) -> Result<Response<ReportMailResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let request = request.into_inner();
        let (id, attempt) = named(&request.mail_id, request.attempt)?;
        let reason = said(&request.reason);
        let now = Utc::now();
        let tx = SystemTx::begin(&self.pool).await.map_err(storage)?;
        match request.outcome() {
            MailOutcome::Sent => mails::sent(&tx, id, &reason, now).await.map_err(storage)?,
            MailOutcome::Deferred => match mail_retry::wait(attempt) {
                Some(wait) => {
                    mails::again(&tx, id, attempt, &reason, now + wait)
                        .await
                        .map_err(storage)?;
                }
                None => give_up(&tx, id, attempt, &reason).await?,
            },
            MailOutcome::Refused => give_up(&tx, id, attempt, &reason).await?,
            MailOutcome::Unspecified => {
                return Err(Status::invalid_argument("outcome is missing"));
            }
        }
        tx.commit().await.map_err(storage)?;
        Ok(Response::new(ReportMailResponse {}))
    }
}

async fn give_up(tx: &SystemTx, id: Uuid, attempt: i32, reason: &str) -> Result<(), Status> {
    let ended = mails::failed(tx, id, attempt, reason, Utc::now())
        .await
        .map_err(storage)?;
    if ended {
        tracing::warn!(mail.id = %id, attempt, reason, "a mail is given up");
    }
    Ok(())
}

fn named(mail_id: &str, attempt: u32) -> Result<(Uuid, i32), Status> {
    let id = mail_id
        .parse()
        .map_err(|_| Status::invalid_argument("mail_id is not an id"))?;
    let attempt =
        i32::try_from(attempt).map_err(|_| Status::invalid_argument("attempt is out of range"))?;
    Ok((id, attempt))
}

/// A server's words as one line that Postgres can store.
fn said(reason: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    reason.chars().take(REASON_LENGTH).map(printable).collect()
}
