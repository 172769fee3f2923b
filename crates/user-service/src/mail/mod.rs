//! Mails: written here, sealed in the database until they are due, sent by a worker.

mod dispatch;
mod forgotten;
mod grpc;
mod letter;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use secrets::SecretBox;
use uuid::Uuid;

pub use dispatch::Dispatcher;
pub(crate) use forgotten::ask as ask_forgotten;
pub use grpc::MailGrpc;
pub use letter::{Letter, Written};

use crate::accounts::AccountError;
use crate::rules::locale;
use crate::storage::mails::{self, NewMail};

/// How long a mail without a token is worth sending.
const NEWS: TimeDelta = TimeDelta::days(3);

/// Writes mails and puts them into the database; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    seal: SecretBox,
    page_url: Arc<str>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer")
    }
}

/// Whom a mail is for.
#[derive(Debug, Clone, Copy)]
pub struct To<'a> {
    /// The tenant it is about, if it is about one.
    pub tenant_id: Option<Uuid>,
    /// The address.
    pub address: &'a str,
    /// The language, as stored.
    pub language: &'a str,
}

impl Mailer {
    /// Links lead to the page at `page_url`.
    #[must_use]
    pub fn new(seal: SecretBox, page_url: &str) -> Self {
        Self {
            seal,
            page_url: page_url.trim_end_matches('/').into(),
        }
    }

    /// The link to a page of ours with a token. It stands in the fragment, which browsers send to no server, so that it
    /// is in nobody's log.
    #[must_use]
    pub fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#token={token}", self.page_url)
    }

    /// The page where a new password is asked for.
    #[must_use]
    pub fn forgot_password_page(&self) -> String {
        format!("{}/forgot-password", self.page_url)
    }

    /// Puts a mail into the database: it is sent when `tx` has committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn post(
        &self,
        tx: &impl ConnectionTrait,
        to: To<'_>,
        letter: &Letter<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let id = Uuid::now_v7();
        let sealed_body = self.sealed(id, to.language, letter)?;
        let good_until = match letter {
            Letter::Invitation { until, .. }
            | Letter::VerifyEmail { until, .. }
            | Letter::ResetPassword { until, .. } => *until,
            Letter::EmailChange { .. } | Letter::PasswordChanged { .. } => now + NEWS,
        };
        let mail = NewMail {
            id,
            tenant_id: to.tenant_id,
            kind: letter.kind(),
            recipient: to.address,
            sealed_body: Some(sealed_body),
            good_until,
        };
        mails::insert(tx, mail, now).await?;
        Ok(())
    }

    /// The text of mail `id`, for its row alone.
    fn sealed(&self, id: Uuid, language: &str, letter: &Letter<'_>) -> anyhow::Result<Vec<u8>> {
        let language = locale::parse(language).unwrap_or(locale::DEFAULT);
        let written = serde_json::to_vec(&letter.write(language)?)?;
        Ok(self.seal.seal(&written, context(id))?)
    }

    /// What [`Mailer::post`] wrote.
    fn opened(&self, id: Uuid, sealed: &[u8]) -> anyhow::Result<Written> {
        Ok(serde_json::from_slice(
            &self.seal.open(sealed, context(id))?,
        )?)
    }
}

/// Binds a sealed text to its row.
fn context(id: Uuid) -> String {
    format!("mail:{id}")
}
