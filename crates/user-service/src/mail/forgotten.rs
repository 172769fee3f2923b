//! Mails that are written when they are due: whoever asks for a new password is answered before anybody looks whether
//! the address is known, so that the answer takes as long either way.

use chrono::{DateTime, TimeDelta, Utc};
use db::SystemTx;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Letter, Mailer};
use crate::accounts::AccountError;
use crate::rules::locale;
use crate::storage::mail_tokens::{self, NewToken, Purpose};
use crate::storage::mails::{self, Due, NewMail};
use crate::storage::people;

/// Links to a new password that a person may have at a time: nobody's mailbox is filled by a stranger.
const LIVE_LINKS: i64 = 3;

/// Notes that a new password was asked for.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ask(
    tx: &impl ConnectionTrait,
    address: &str,
    reset: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let mail = NewMail {
        id: Uuid::now_v7(),
        tenant_id: None,
        kind: "reset_password",
        recipient: address,
        sealed_body: None,
        good_until: now + reset,
    };
    mails::insert(tx, mail, now).await?;
    Ok(())
}

/// Writes such a mail. A stranger's address gets none, and nothing of it stays; false then.
pub(super) async fn write(
    tx: &SystemTx,
    mailer: &Mailer,
    mail: &Due,
    reset: TimeDelta,
    now: DateTime<Utc>,
) -> Result<bool, AccountError> {
    let person = people::by_email(tx, &mail.recipient).await?;
    let Some(person) = person else {
        mails::remove(tx, mail.id).await?;
        return Ok(false);
    };
    let purpose = Purpose::ResetPassword;
    if mail_tokens::count_since(tx, purpose, person.id, now - reset).await? >= LIVE_LINKS {
        mails::remove(tx, mail.id).await?;
        return Ok(false);
    }
    let language = people::language(tx, person.id).await?;
    let token = secrets::random_token(32);
    let expires_at = now + reset;
    let new = NewToken {
        sha256: secrets::sha256(&token),
        purpose,
        user_id: person.id,
        email: &mail.recipient,
        expires_at,
    };
    mail_tokens::insert(tx, new, now).await?;
    let letter = Letter::ResetPassword {
        address: &mail.recipient,
        link: &mailer.link("reset-password", &token),
        until: expires_at,
    };
    let language = language.as_deref().unwrap_or(locale::DEFAULT);
    mails::write(tx, mail.id, &mailer.sealed(mail.id, language, &letter)?).await?;
    Ok(true)
}
