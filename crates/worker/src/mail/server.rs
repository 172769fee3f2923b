//! The mail server that everything goes through.

use std::time::Duration;

use anyhow::Context;
use contracts::identity::v1::OpenMailResponse;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::{Host, Url};

use super::Fate;

/// How long one command may take; a mail takes about ten.
const COMMAND_LIMIT: Duration = Duration::from_secs(20);
/// How long a mail may take: less than user-service waits for a report.
const MAIL_LIMIT: Duration = Duration::from_secs(120);

/// A connection's settings and who mails come from; cheap to clone.
#[derive(Clone)]
pub(crate) struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    limit: Duration,
}

impl MailServer {
    /// As configured; nothing when no server is.
    pub(crate) fn new(config: &config::Mail) -> anyhow::Result<Option<Self>> {
        if !config.smtp_url.is_set() {
            return Ok(None);
        }
        // The cause may repeat the address, which holds a password.
        let url = encrypted(config.smtp_url.expose())
            .map_err(|_| anyhow::anyhow!("mail.smtp_url is not an address of a mail server"))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|_| anyhow::anyhow!("mail.smtp_url is not an address of a mail server"))?
            .timeout(Some(COMMAND_LIMIT))
            .build();
        let mailbox = |text: &str| text.trim().parse::<Mailbox>();
        Ok(Some(Self {
            transport,
            from: mailbox(&config.from).context("mail.from is no e-mail address")?,
            reply_to: match config.reply_to.trim() {
                "" => None,
                text => Some(mailbox(text).context("mail.reply_to is no e-mail address")?),
            },
            limit: MAIL_LIMIT,
        }))
    }

    /// The same with another limit for each mail.
    #[cfg(test)]
    pub(crate) fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Sends one mail. Its id is in the mail, too, the same at every try, so that programs at the other end can tell
    /// a repeated one.
    pub(crate) async fn send(&self, id: &str, mail: OpenMailResponse) -> Fate {
        let message = match self.message(id, mail) {
            Ok(message) => message,
            Err(error) => return Fate::Refused(format!("it cannot be written: {error:#}")),
        };
        match tokio::time::timeout(self.limit, self.transport.send(message)).await {
            Ok(Ok(answer)) => Fate::Sent(format!(
                "{} {}",
                answer.code(),
                answer.message().collect::<Vec<_>>().join(" ")
            )),
            Ok(Err(error)) if error.is_permanent() => Fate::Refused(said(&error)),
            Ok(Err(error)) => Fate::Deferred(said(&error)),
            Err(_) => Fate::Deferred(format!(
                "the mail server did not take it within {} s",
                self.limit.as_secs()
            )),
        }
    }

    fn message(&self, id: &str, mail: OpenMailResponse) -> anyhow::Result<Message> {
        let OpenMailResponse {
            recipient,
            subject,
            text,
            html,
            ..
        } = mail;
        let domain = self.from.email.domain();
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient.parse()?))
            .subject(subject)
            .message_id(Some(format!("<{id}@{domain}>")))
            .date_now();
        let builder = match &self.reply_to {
            Some(reply_to) => builder.reply_to(reply_to.clone()),
            None => builder,
        };
        Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
    }
}

/// The error with its causes, which hold what the server answered.
fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// A password is never sent in the clear to another machine because somebody wrote `smtp` and forgot the rest.
fn encrypted(url: &str) -> Result<String, url::ParseError> {
    let mut url = Url::parse(url)?;
    let asked = url
        .query_pairs()
        .find(|(name, _)| name == "tls")
        .map(|(_, value)| value.into_owned());
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    // Hosts of other schemes than the web's are opaque to the parser: an address there is a name.
    let here = here
        || url
            .host_str()
            .and_then(|host| host.parse::<std::net::IpAddr>().ok())
            .is_some_and(|address| address.is_loopback());
    match (url.scheme(), asked.as_deref()) {
        ("smtp", None) if !here => url.set_query(Some("tls=required")),
        ("smtp", Some("none")) => url.set_query(None),
        _ => {}
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_reached_over_tls_unless_said_otherwise() {
        let cases = [
            ("smtp://127.0.0.1:25", "smtp://127.0.0.1:25"),
            ("smtp://localhost:25", "smtp://localhost:25"),
            ("smtp://[::1]:25", "smtp://[::1]:25"),
            (
                "smtp://u:p@mail.example.com:587",
                "smtp://u:p@mail.example.com:587?tls=required",
            ),
            ("smtp://mailpit:1025?tls=none", "smtp://mailpit:1025"),
            (
                "smtp://mail.example.com?tls=opportunistic",
                "smtp://mail.example.com?tls=opportunistic",
            ),
            (
                "smtps://u:p@mail.example.com",
                "smtps://u:p@mail.example.com",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(encrypted(url).as_deref(), Ok(expected));
        }
    }
}
